import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import en from '@/i18n/en';
import { startI18n } from '@/i18n/i18n';

import { CauseAndFix } from './cause-and-fix';

const cause = 'The bot is not in the chat (Forbidden)';

afterEach(() => startI18n('en'));

describe('what the server found', () => {
  it('is said in the language of the page, with what it quotes', async () => {
    await startI18n('uk');
    render(<CauseAndFix of={{ cause: 'Telegram refuses the token: Unauthorized', fix: 'Copy the token again.', cause_code: 'token_refused', cause_detail: 'Unauthorized' }} />);
    expect(screen.getByText('Telegram відхиляє токен: Unauthorized')).toBeInTheDocument();
    expect(screen.getByText(/Скопіюйте токен знову/)).toBeInTheDocument();
  });

  it('is said in its own words where the page does not know it, as English', async () => {
    await startI18n('uk');
    render(<CauseAndFix of={{ cause, fix: 'Add it.', cause_code: 'of_next_year', cause_detail: null }} />);
    expect(screen.getByText(cause).closest('[lang]')).toHaveAttribute('lang', 'en');
    expect(screen.getByText('Add it.')).toBeInTheDocument();
  });

  it('has words for every code of the contract', () => {
    const contract = readFileSync(resolve(import.meta.dirname, '../../../proto/openapi.yaml'), 'utf8');
    const described = /    HearingCause:\n([\s\S]*?)\n      type:/.exec(contract)?.[1] ?? '';
    const codes = [...described.matchAll(/`([a-z_\d]+)`/g)].map(([, code = '']) => code).filter((code) => code !== 'cause' && code !== 'fix');
    expect(Object.keys(en.hearing.cause).sort()).toEqual(codes.sort());
    expect(Object.keys(en.hearing.fix).sort()).toEqual(codes.sort());
  });
});
