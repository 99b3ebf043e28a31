import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it } from 'vitest';

import uk from '@/i18n/uk';
import { startI18n } from '@/i18n/i18n';
import { ApiError } from '@/lib/api';

import { Said } from './said';
import { useErrorText } from './states';

afterEach(() => startI18n('en'));

function Refused({ error }: { error: Error }) {
  return <p>{useErrorText()(error)}</p>;
}

describe('a sentence of the server', () => {
  it('is said in the language of the page also where the front door says it, and as it is where it is not ours', async () => {
    await startI18n('uk');
    const { rerender } = render(<Refused error={new ApiError(502, 'The service cannot be reached; try again', [], 2, [{ code: 'front_away', values: {} }])} />);
    expect(screen.getByText('Служба недосяжна; спробуйте ще раз.')).toBeInTheDocument();
    rerender(<Refused error={new ApiError(502, 'Bad Request: chat not found')} />);
    expect(screen.getByText('Bad Request: chat not found')).toBeInTheDocument();
  });

  it('names a field as the page does, in English too', () => {
    render(<Said sentence="is required, since base_url is another server" clauses={[{ code: 'key_of_another', values: {} }]} />);
    expect(screen.getByText(/^Is required, since the address is another server/)).not.toHaveAttribute('lang');
  });

  it('is said in the language of the page, with what it names', async () => {
    await startI18n('uk');
    const clauses = [
      { code: 'answer_made', values: { task: '12' } },
      { code: 'task', values: { probability: '0.85', least: '0.75' } },
      { code: 'same_asked', values: { score: '0.50', task: '7' } },
    ];
    const { rerender } = render(<Said sentence="It led to task 12…" clauses={clauses} />);
    expect(screen.getByText(/^Воно привело до завдання 12, створеного з його розмови: 85\s?% — не менше ніж 75\s?%: завдання; на 50\s?% те саме, що завдання 7: питаємо людину\.$/)).not.toHaveAttribute('lang');
    rerender(<Said sentence="It reads like a bug (97 %); something is down." clauses={[{ code: 'reads_like', values: { category: 'bug', percent: '97' } }, { code: 'signal_outage', values: {} }]} />);
    expect(screen.getByText(/^Схоже на: помилка \(97\s?%\); щось не працює\.$/)).toBeInTheDocument();
    rerender(<Said sentence="Proposal 4…" clauses={[{ code: 'answer_rejected', values: { proposal: '4', reject_reason: 'duplicate' } }]} />);
    expect(screen.getByText(/відхилила \(уже було\)\.$/)).toBeInTheDocument();
  });

  it('is said in its own words where it is a model’s, or has a clause that this page does not know', async () => {
    await startI18n('uk');
    const sentence = 'The user reports that the export fails.';
    const { rerender } = render(<Said sentence={sentence} clauses={[]} />);
    expect(screen.getByText(sentence)).toHaveAttribute('lang', 'en');
    rerender(<Said sentence={sentence} clauses={[{ code: 'no_words', values: {} }, { code: 'of_next_year', values: {} }]} />);
    expect(screen.getByText(sentence)).toHaveAttribute('lang', 'en');
  });

  it('has words for every clause of the contract', () => {
    const contract = readFileSync(resolve(import.meta.dirname, '../../../proto/openapi.yaml'), 'utf8');
    const described = /    ClauseCode:\n([\s\S]*?)\n      type:/.exec(contract)?.[1] ?? '';
    const codes = [...described.matchAll(/`([a-z_\d]+)`/g)].map(([, code = '']) => code).filter((code) => code !== 'signal_' && code !== 'signals');
    // What to do about a dead letter is said on one page alone.
    expect([...Object.keys(uk.clauses.said), ...Object.keys(uk.status.advice)].sort()).toEqual(codes.sort());
  });

  it('names nothing that its clause does not have', () => {
    const forms = ['clauses', 'refusals', 'troubles'].map((name) => readFileSync(resolve(import.meta.dirname, `../../../pkg/clauses/${name}.go`), 'utf8')).join('');
    const named = (code: string) => new Set([...(new RegExp(`f\\("${code}", (.*)\\),\n`).exec(forms)?.[1] ?? '').matchAll(/\?P<(\w+)>/g)].map(([, name]) => name));
    for (const [code, text] of Object.entries(uk.clauses.said)) {
      for (const [, name] of text.matchAll(/{{(\w+)}}/g)) expect(named(code), code).toContain(name);
    }
  });
});
