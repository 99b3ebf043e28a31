import { http, HttpResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';

import { ownPath } from '@/components/avatar';
import { taskFromMessages } from '@/features/messages/task-from-message';
import { message } from '@/testing/factory';
import { server } from '@/testing/server';

import { api, ApiError, unwrap, unwrapPage } from './api';
import { formatRelative, initials, isoDay, timeZone } from './format';
import { keyName, shortcuts } from './shortcuts';
import { telegramLink } from './telegram';
import { throttle } from './throttle';
import { day } from './url-state';

describe('the client', () => {
  it('tells the faults of each field in the words of the server', async () => {
    server.use(
      http.post('*/api/tasks', () => HttpResponse.json({ detail: [{ loc: ['body', 'title'], msg: 'is blank', type: 'pattern' }] }, { status: 422 })),
      http.get('*/api/tasks', () => HttpResponse.json([], { headers: { 'X-Next-Cursor': 'abc' } })),
      http.get('*/api/stats', () => HttpResponse.error()),
    );
    const body = { title: ' ', description: '', category: 'bug', priority: 'low', source: 'api' } as const;
    const refused = await unwrap(api.POST('/api/tasks', { body })).catch((e: unknown) => e as ApiError);
    expect(refused).toMatchObject({ status: 422 });
    expect((refused as ApiError).faults.map(({ loc, msg }) => [loc[1], msg])).toEqual([['title', 'is blank']]);
    await expect(unwrapPage(api.GET('/api/tasks'))).resolves.toEqual({ items: [], next: 'abc' });
    await expect(unwrap(api.GET('/api/stats'))).rejects.toMatchObject({ status: 0 });
  });
});

describe('formats', () => {
  it('call the zone of Kyiv by its name', () => {
    expect(timeZone()).toBe('Europe/Kyiv');
  });

  const now = new Date('2026-03-02T12:00:00Z');
  it('counts minutes and hours, then midnights of the reader', () => {
    expect(formatRelative(new Date('2026-03-02T11:57:00Z'), 'en', now)).toBe('3 min ago');
    expect(formatRelative(new Date('2026-03-02T11:57:00Z'), 'uk', now)).toBe('3 хв тому');
    expect(formatRelative(new Date('2026-03-01T10:00:00Z'), 'en', now)).toBe('yesterday');
    expect(formatRelative(new Date('2025-03-01T10:00:00Z'), 'en', now)).toBe('1 Mar 2025');
  });
  it('takes the day of the reader, not that of UTC', () => {
    expect(isoDay(new Date('2026-03-01T22:30:00Z'))).toBe('2026-03-02');
  });
  it.each([['Олена Ковтун', 'ОК'], ['priya', 'P'], ['«Каса» · розробка', 'КР'], ['👩‍💻', '?'], ['', '?']])('draws %j as %j', (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe('keys', () => {
  const press = (key: string, code: string, more = {}) => keyName({ key, code, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...more });
  it('are known by their place under a Cyrillic layout', () => {
    expect(press('о', 'KeyJ')).toBe('j');
    expect(press('л', 'KeyK', { ctrlKey: true })).toBe('mod+k');
    expect(press('.', 'Slash')).toBe('/');
    expect(press('ю', 'Period')).toBe('.');
    expect(press('.', 'Period')).toBe('.');
    expect(press(',', 'Slash', { shiftKey: true })).toBe('?');
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?');
  });

  it('come in sequences, stop at text fields, and the last registered wins', () => {
    const calls: string[] = [];
    const stop = [
      shortcuts.add({ title: 'shell', shortcuts: [{ keys: 'g m', label: '', run: () => calls.push('messages') }, { keys: 'm', label: '', run: () => calls.push('shell') }, { keys: 'mod+k', label: '', everywhere: true, run: () => calls.push('palette') }] }),
      shortcuts.add({ title: 'page', shortcuts: [{ keys: 'm', label: '', run: () => calls.push('page') }] }),
    ];
    const input = document.body.appendChild(document.createElement('input'));
    document.addEventListener('keydown', shortcuts.handle);
    const type = (key: string, target: Element = document.body, more = {}) => target.dispatchEvent(new KeyboardEvent('keydown', { key, code: `Key${key.toUpperCase()}`, bubbles: true, cancelable: true, ...more }));
    type('g');
    type('m');
    type('m');
    type('m', input);
    type('k', input, { ctrlKey: true });
    expect(calls).toEqual(['messages', 'page', 'palette']);
    document.removeEventListener('keydown', shortcuts.handle);
    input.remove();
    for (const each of stop) each();
  });
});

describe('links', () => {
  it('leads to a supergroup in Telegram, its topic too, and nowhere else', () => {
    expect(telegramLink(message({ external_message_id: '42' }))).toBe('https://t.me/c/2988379206/42');
    expect(telegramLink(message({ external_message_id: '42', thread_id: '7' }))).toBe('https://t.me/c/2988379206/7/42');
    expect(telegramLink(message({ chat_id: '-4567' }))).toBeNull();
    expect(telegramLink(message({ source_name: 'api' }))).toBeNull();
    const raw = { update_id: 1, message: { chat: { id: -1002988379206, type: 'supergroup', username: 'ledgerline_core' } } };
    expect(telegramLink({ ...message({ external_message_id: '42' }), raw })).toBe('https://t.me/ledgerline_core/42');
    expect(telegramLink({ ...message({ external_message_id: '42' }), raw: { chat: { type: 'private', username: 'olena' } } })).toBe('https://t.me/c/2988379206/42');
  });
  it('takes pictures from our own server only', () => {
    expect(ownPath('/api/avatars/telegram/1?v=2')).toBe('/api/avatars/telegram/1?v=2');
    expect(ownPath('https://example.org/a.png')).toBeNull();
    expect(ownPath('//example.org/a.png')).toBeNull();
    expect(ownPath(null)).toBeNull();
  });
  it('takes days that exist', () => {
    expect(day('2026-02-28')).toBe('2026-02-28');
    expect(day('2026-02-30')).toBeUndefined();
  });
});

describe('taskFromMessages', () => {
  it('takes the first line as the title, and the message as its evidence', () => {
    const made = taskFromMessages([message({ id: 7, external_message_id: '42', content: `${'word '.repeat(60)}\nsecond` })], (key) => key);
    expect(made.title?.length).toBeLessThanOrEqual(121);
    expect(made.title?.endsWith('…')).toBe(true);
    expect(made.description).toContain('second');
    expect(made.source_message_ids).toEqual([7]);
    expect(made.source).toBe('telegram');
  });

  it('is called in the words of the page where there are none', () => {
    const made = taskFromMessages([message({ id: 7, content: '[photo]' })], () => 'фото');
    expect([made.title, made.description]).toEqual(['[фото]', '[фото]']);
  });
});

describe('throttle', () => {
  it('runs at once, then once for what comes in between', () => {
    vi.useFakeTimers();
    const run = vi.fn();
    const throttled = throttle(run, 1000);
    throttled();
    throttled();
    throttled();
    expect(run).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(1000);
    expect(run).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(5000);
    expect(run).toHaveBeenCalledTimes(2);
    vi.useRealTimers();
  });
});
