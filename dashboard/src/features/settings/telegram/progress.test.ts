import { describe, expect, it } from 'vitest';

import { readWebhookInfo, type Settings, type TelegramHearing, type TelegramWebhookConfig } from '@/data/telegram';

import { compare } from './compare';
import { nextStep, progressOf } from './progress';

const url = 'https://tracker.example.org/webhook/telegram';
const config = (is_active: boolean): TelegramWebhookConfig => ({ protocol: 'https', host: 'tracker.example.org', webhook_url: url, is_active, last_set_at: null, groups: [] });
const settings = (bot_token: string): Settings => ({ telegram: { bot_token, webhook_base_url: '', mode: 'webhook' }, updated_at: null });
const hearing = (webhook: TelegramHearing['webhook']['state'], last_update_at: string | null = null): TelegramHearing => ({
  checked_at: '2026-03-02T09:15:00Z',
  mode: 'webhook',
  bot: { state: 'ok', cause: null, fix: null, cause_code: null, cause_detail: null, bot: null },
  webhook: { state: webhook, cause: null, fix: null, cause_code: null, cause_detail: null, stored_url: url, registered_url: url, pending_update_count: 0, last_error_at: null, last_error_message: null, last_error_is_past: false, last_update_at },
  groups: [],
});

describe('how far the bot is connected', () => {
  it('begins with the token', () => {
    const progress = progressOf({ settings: settings(''), config: null, hearing: undefined, tested: false });
    expect(progress).toEqual({ token: 'todo', wayIn: 'todo', groups: 'optional', test: 'todo' });
    expect(nextStep(progress)).toBe('token');
  });

  it('sends nobody anywhere while Telegram is asked, and says where it could not be', () => {
    const known = { settings: settings('7312004551...[truncated]'), config: config(true), tested: false };
    expect(nextStep(progressOf({ ...known, hearing: undefined }))).toBeNull();
    expect(progressOf({ ...known, hearing: hearing('not_registered', '2026-03-01T10:00:00Z') })).toMatchObject({ wayIn: 'todo', test: 'todo' });
    expect(progressOf({ ...known, hearing: null })).toEqual({ token: 'unknown', wayIn: 'unknown', groups: 'optional', test: 'unknown' });
  });

  it('sends nobody to the groups for what the way in is to blame for', () => {
    const group = { id: -1001, name: 'Support', since: null, last_message_at: null, bot_status: 'member', cause: 'No webhook', fix: 'Register it.', cause_code: null, cause_detail: null };
    const asked: TelegramHearing = { ...hearing('not_registered'), groups: [{ ...group, state: 'undelivered' }] };
    const progress = progressOf({ settings: settings('7312004551...[truncated]'), config: { ...config(false), groups: [{ id: -1001, name: 'Support' }] }, hearing: asked, tested: false });
    expect(progress.groups).toBe('unknown');
    expect(nextStep(progress)).toBe('wayIn');
  });

  it('sends nobody anywhere while Telegram does not answer: nothing here is to be done about it', () => {
    const asked: TelegramHearing = { ...hearing('unknown'), bot: { ...hearing('ok').bot, state: 'unreachable' } };
    const progress = progressOf({ settings: settings('7312004551...[truncated]'), config: config(true), hearing: asked, tested: false });
    expect(progress).toMatchObject({ token: 'unknown', wayIn: 'unknown', test: 'unknown' });
    expect(nextStep(progress)).toBeNull();
  });

  it('puts a fault before what is merely not done', () => {
    const known = { settings: settings('7312004551...[truncated]'), config: config(true), tested: false };
    expect(nextStep(progressOf({ ...known, hearing: hearing('failing') }))).toBe('wayIn');
    expect(nextStep(progressOf({ ...known, hearing: hearing('ok') }))).toBe('test');
    expect(nextStep(progressOf({ ...known, hearing: hearing('ok', '2026-03-02T09:14:00Z') }))).toBeNull();
  });
});

describe('the webhook here and at Telegram', () => {
  it.each([
    [true, url, 'same'],
    [true, '', 'missing'],
    [true, 'https://other.example.org/hook', 'elsewhere'],
    [false, url, 'unmarked'],
    [false, '', 'none'],
  ] as const)('registered here: %s, there: %s is %s', (active, there, expected) => {
    expect(compare(config(active), { url: there })).toBe(expected);
  });

  it('takes nothing of what Telegram sends for granted', () => {
    expect(readWebhookInfo({ url: 5, pending_update_count: 'many', last_error_date: 1_772_442_900, allowed_updates: ['message', 7] })).toEqual({
      url: '',
      pending_update_count: 0,
      ip_address: null,
      last_error_date: '2026-03-02T09:15:00.000Z',
      last_error_message: null,
      max_connections: null,
      allowed_updates: ['message'],
    });
  });
});
