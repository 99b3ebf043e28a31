import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { AIProvider } from '@/data/ai';
import type { DeadLetter, Pipeline } from '@/data/operations';
import type { TelegramHearing } from '@/data/telegram';
import { startI18n } from '@/i18n/i18n';
import { FakeSocket } from '@/testing/fake-socket';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

import { readable } from './payload';
import { rateOf, waitingOf } from './rates';

const letter = (id: number, fields: Partial<DeadLetter> = {}): DeadLetter => ({
  id,
  stream: 'INBOUND',
  kind: 'message',
  subject: 'inbound.telegram',
  reason: `save: chat ${id}: ERROR`,
  reason_clauses: [],
  advice: `no such chat ${id}`,
  advice_clauses: [],
  attempts: 5,
  failed_at: '2026-03-02T09:15:00Z',
  payload: '{"a":1}',
  payload_encoding: 'text',
  payload_size: 7,
  payload_truncated: false,
  ...fields,
});

const failing: TelegramHearing = {
  checked_at: '2026-03-02T09:15:00Z',
  mode: 'webhook',
  bot: { state: 'ok', cause: null, fix: null, cause_code: null, cause_detail: null, bot: { id: 1, username: 'kasa_bot', name: 'Каса', can_read_all_group_messages: true } },
  webhook: {
    state: 'failing',
    cause: 'Wrong response from the webhook: 502 Bad Gateway',
    fix: null,
    cause_code: null,
    cause_detail: null,
    stored_url: '',
    registered_url: null,
    pending_update_count: 12,
    last_error_at: null,
    last_error_message: null,
    last_error_is_past: false,
    last_update_at: null,
  },
  groups: [{ id: -1, name: 'Каса', state: 'unknown', since: null, last_message_at: null, bot_status: null, cause: null, fix: null, cause_code: null, cause_detail: null }],
};

const working: TelegramHearing = { ...failing, webhook: { ...failing.webhook, state: 'ok', cause: null, pending_update_count: 0 }, groups: [] };

const stream = (name: Pipeline['streams'][number]['name'], passed: number, held = 0): Pipeline['streams'][number] => ({
  name,
  passed,
  held,
  bytes: 0,
  oldest_at: held > 0 ? '2026-03-02T09:14:00Z' : null,
  newest_at: '2026-03-02T09:15:00Z',
  consumers: name === 'INBOUND' ? [{ name: 'worker', waiting: held, in_hand: 2, redelivered: 1 }] : [],
});
const pipeline: Pipeline = { measured_at: '2026-03-02T09:15:00Z', streams: [stream('INBOUND', 1200, 5), stream('EVENTS', 3000)], outbox: null };

const judge: AIProvider = { id: 'openai', name: 'Server', configured: true, active: true, state: 'ready', detail: null, detail_clauses: [], model: 'llama', version: '1', tokens_today: 0, budget: null };

let letters: DeadLetter[];
let judging: AIProvider;
let hearing: TelegramHearing;

beforeEach(() => {
  letters = [];
  hearing = working;
  judging = judge;
  server.use(
    http.get('*/api/health', () => HttpResponse.json({ status: 'healthy', timestamp: '2026-03-02T09:15:00Z', components: { database: 'working', broker: 'working' } })),
    http.get('*/api/dead-letters', ({ request }) => {
      const q = new URL(request.url).searchParams.get('q');
      return HttpResponse.json(letters.filter(({ advice }) => !q || advice.includes(q)));
    }),
    http.get('*/api/dead-letters/kinds', () => HttpResponse.json(letters.length > 0 ? [{ stream: 'INBOUND', kind: 'message', count: letters.length }] : [])),
    http.get('*/api/ai/providers', () => HttpResponse.json([judging])),
    http.get('*/api/pipeline', () => HttpResponse.json(pipeline)),
    http.get('*/api/webhook-settings/telegram/hearing', () => HttpResponse.json(hearing)),
  );
});

afterEach(() => startI18n('en'));

describe('the top line', () => {
  it('says that all is well only where everything was asked', async () => {
    renderPath('/status');
    expect(await screen.findByText('Nothing failed for good.')).toBeVisible();
    expect(screen.getByText('All well.', { exact: false })).toBeVisible();
    await waitFor(() => expect(within(screen.getByText('Parts of the product').closest('section') ?? document.body).getAllByText('working')).toHaveLength(3)); // those that health names, and the classifier
  });

  it('does not call it well that nobody judges, and says why', async () => {
    judging = { ...judge, state: 'failing', detail: 'The model server does not accept the key (HTTP 401): enter a valid one, with access to this model.' };
    renderPath('/status');
    expect(await screen.findByText('The server works; the classifier that judges messages does not.')).toBeVisible();
    expect(screen.getByText(/does not accept the key \(HTTP 401\)/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'Classifier' })).toHaveAttribute('href', '/settings/ai');
  });

  it('does not call it well that no bot is connected', async () => {
    hearing = { ...working, bot: { ...working.bot, state: 'no_token' } };
    renderPath('/status');
    expect(await screen.findByText('The server works; no bot is connected yet.')).toBeVisible();
  });

  it('names what is down, from an answer of 503', async () => {
    server.use(
      http.get('*/api/health', () => HttpResponse.json({ status: 'unhealthy', timestamp: '2026-03-02T09:15:00Z', components: { database: 'not available', broker: 'working' } }, { status: 503 })),
    );
    renderPath('/status');
    expect(await screen.findByText('Trouble: Database not available.')).toBeVisible();
  });

  it('says of figures that cannot be measured any more how old they are', async () => {
    const { user } = renderPath('/status');
    await screen.findByText('Events to send');
    const way = screen.getByText('The way of a message').closest('section');
    expect(way).not.toHaveTextContent('As last told');
    server.use(http.get('*/api/pipeline', () => HttpResponse.json({ detail: 'away' }, { status: 503 })));
    await user.click(screen.getByRole('button', { name: 'Refresh' }));
    await waitFor(() => expect(way).toHaveTextContent('As last told'));
  });

  it('says that the server does not answer, and goes on with the rest', async () => {
    letters = [letter(7)];
    server.use(http.get('*/api/health', () => HttpResponse.error()));
    renderPath('/status');
    expect(await screen.findByText('The server does not answer.')).toBeVisible();
    expect(await screen.findByText('no such chat 7')).toBeVisible();
    expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  });

  it('asks anew when the connection is lost, so that a server that has gone is not called working, paused or not', async () => {
    const { user } = renderPath('/status');
    act(() => FakeSocket.last.connect());
    expect(await screen.findByText('All well.')).toBeVisible();
    await user.keyboard('p');
    server.use(http.get('*/api/health', () => HttpResponse.error()));
    act(() => FakeSocket.last.drop());
    expect(await screen.findByText('The server does not answer.')).toBeVisible();
  });
});

describe('Telegram', () => {
  it('says of a bot that Telegram refuses what to do, and once', async () => {
    const refused = { cause: 'Unauthorized', fix: 'Copy the token again.', cause_code: 'token_refused', cause_detail: 'Unauthorized' };
    hearing = { ...failing, bot: { ...failing.bot, ...refused, state: 'refused' }, webhook: { ...failing.webhook, ...refused, state: 'unknown' } };
    renderPath('/status');
    expect(await screen.findAllByText(/Telegram refuses the token: Unauthorized/)).toHaveLength(1);
    expect(screen.getByText(/Copy the token again from @BotFather/)).toBeVisible();
  });

  it('says what is in the way, and what is not known as not known', async () => {
    hearing = failing;
    renderPath('/status');
    expect(await screen.findByText('The server works; 1 source needs somebody.')).toBeVisible();
    expect(await screen.findByText('Wrong response from the webhook: 502 Bad Gateway')).toBeVisible();
    expect(screen.getByText('12 updates wait at Telegram')).toBeVisible();
    expect(screen.getByText('0 of 1 heard')).toBeVisible();
    expect(screen.getAllByText('not known')).toHaveLength(1);
  });
});

describe('what failed for good', () => {
  it('is tried again oldest first, after a question, and what stays is said', async () => {
    letters = [letter(9), letter(8), letter(7)];
    const replayed: number[] = [];
    server.use(
      http.post('*/api/dead-letters/:id/replay', ({ params }) => {
        const id = Number(params.id);
        if (id === 8) return HttpResponse.json({ detail: 'The stream is full; try again later' }, { status: 503 });
        replayed.push(id);
        letters = letters.filter((one) => one.id !== id);
        return HttpResponse.json({ status: 'replayed', id, subject: 'inbound.telegram' });
      }),
    );
    const { user } = renderPath('/status');
    await user.click(await screen.findByRole('checkbox', { name: 'Select all' }));
    await user.click(screen.getByRole('button', { name: 'Try 3 again' }));
    const dialog = await screen.findByRole('dialog', { name: 'Try 3 pieces again?' });
    expect(replayed).toEqual([]);
    await user.click(within(dialog).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('1 piece stays as it was')).toBeVisible();
    expect(screen.getByText('The stream is full; try again later')).toBeVisible();
    expect(replayed).toEqual([7, 9]);
    await waitFor(() => expect(screen.queryByText('no such chat 9')).not.toBeInTheDocument());
    expect(screen.getByText('no such chat 8')).toBeVisible();
  });

  it('is tried again all at once as the filter has it, after a rehearsal, page by page', async () => {
    letters = [letter(9), letter(8), letter(7, { advice: 'something else' })];
    const asked: unknown[] = [];
    server.use(
      http.post('*/api/dead-letters/replay', async ({ request }) => {
        const body = (await request.json()) as { dry_run: boolean; after?: number };
        asked.push(body);
        const first = body.after === undefined;
        return HttpResponse.json({ dry_run: body.dry_run, matched: 1, replayable: 1, replayed: body.dry_run ? 0 : 1, up_to: 9, next_after: first ? 8 : null, stopped_by: null });
      }),
    );
    const { user } = renderPath('/status?q=such');
    await screen.findByText('no such chat 9');
    expect(screen.queryByText('something else')).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Try all again…' }));
    const dialog = await screen.findByRole('dialog');
    expect(await within(dialog).findByText('2 pieces match; 2 can be tried again.')).toBeVisible();
    expect(asked).toEqual([{ q: 'such', dry_run: true }, { q: 'such', dry_run: true, after: 8, up_to: 9 }]);
    await user.click(within(dialog).getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('2 pieces are on their way again')).toBeVisible();
    expect(asked.slice(2)).toEqual([{ q: 'such', dry_run: false, up_to: 9 }, { q: 'such', dry_run: false, up_to: 9, after: 8 }]);
  });

  it('offers no second try where there is nowhere to go back to', async () => {
    letters = [letter(7, { subject: '', payload: '{"update_id":1}' })];
    let deleted = 0;
    server.use(
      http.delete('*/api/dead-letters/:id', () => {
        deleted++;
        letters = [];
        return new HttpResponse(null, { status: 204 });
      }),
    );
    const { user } = renderPath('/status');
    await user.click(await screen.findByRole('button', { name: /no such chat 7/ }));
    expect(screen.getByText(/"update_id": 1/)).toBeVisible();
    expect(screen.getByText(/nowhere to go back to/)).toBeVisible();
    expect(screen.getByText('save: chat 7: ERROR')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Try 7 again' })).not.toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Try all again…' })).not.toBeInTheDocument();
    await user.click(screen.getByRole('checkbox', { name: 'Select 7' }));
    expect(screen.getByRole('button', { name: 'Discard 1' })).toBeVisible();
    expect(screen.queryByRole('button', { name: /^Try/ })).not.toBeInTheDocument();
    await user.click(screen.getByRole('checkbox', { name: 'Select 7' }));
    await user.click(screen.getByRole('button', { name: 'Discard 7' }));
    await user.click(within(await screen.findByRole('dialog')).getByRole('button', { name: 'Discard' }));
    expect(await screen.findByText('Nothing failed for good')).toBeVisible();
    expect(deleted).toBe(1);
  });

  it('offers a second try for those that are not loaded yet, where there is any', async () => {
    letters = [letter(7, { subject: '' })];
    let replayable = 0;
    server.use(
      http.get('*/api/dead-letters', () => HttpResponse.json(letters, { headers: { 'X-Next-Cursor': '7' } })),
      http.post('*/api/dead-letters/replay', () => HttpResponse.json({ dry_run: true, matched: 9, replayable, replayed: 0, up_to: 9, next_after: null, stopped_by: null })),
    );
    const { unmount } = renderPath('/status');
    expect(await screen.findByText('no such chat 7')).toBeVisible();
    unmount();
    replayable = 1;
    renderPath('/status');
    expect(await screen.findByRole('button', { name: 'Try all again…' })).toBeVisible();
  });

  it('says in the language of the page what to do, and is found by the words that it shows', async () => {
    const shape = { reason: 'shape not understood: the message has no message_id', reason_clauses: [{ code: 'shape', values: {} }, { code: 'letter_no_message_id', values: {} }], advice_clauses: [{ code: 'advice_shape', values: {} }] };
    letters = [letter(8, shape), letter(7, { reason: 'dial tcp: refused', advice_clauses: [{ code: 'advice_failed', values: {} }] })];
    const asked: URLSearchParams[] = [];
    server.use(
      http.get('*/api/dead-letters', ({ request }) => {
        asked.push(new URL(request.url).searchParams);
        return HttpResponse.json(letters);
      }),
    );
    await startI18n('uk');
    const { user } = renderPath('/status');
    expect(await screen.findByText('Будову не розпізнано: у повідомленні немає message_id.')).toBeVisible();
    expect(screen.getByText(/^З нього нічого не зроблено/)).toBeVisible();
    const row = screen.getByRole('button', { name: /Його не вдалося обробити/ });
    expect(screen.queryByText('dial tcp: refused')).not.toBeInTheDocument();
    await user.click(row);
    expect(screen.getByText('dial tcp: refused')).toHaveAttribute('lang', 'en');
    await user.type(screen.getByRole('searchbox', { name: 'Шукати в причинах і порадах' }), 'Не вдалося обробити');
    await waitFor(() => expect(asked.at(-1)?.getAll('clause')).toEqual(['advice_failed']));
    expect(asked.at(-1)?.get('q')).toBe('Не вдалося обробити');
  });

  it('shows binary and broken payloads as they are', () => {
    expect(readable(letter(1, { payload: 'AAH/', payload_encoding: 'base64' }))).toBe('AAH/');
    expect(readable(letter(1, { payload: '{"cut' }))).toBe('{"cut');
  });
});

describe('the live connection', () => {
  it('counts what arrived, what was lost and what was recovered', async () => {
    renderPath('/status');
    const figure = (name: string) => screen.getByText(name).closest('div')?.querySelector('dd')?.textContent;
    await screen.findByText('Live connection of this page');
    expect(figure('Last event')).toBe('no data');
    const event = { type: 'settings_updated', data: { section: 'other' } } as const;
    act(() => FakeSocket.last.send({ ...event, seq: 41 }));
    await waitFor(() => expect(figure('Newest event')).toBe('41'));
    act(() => FakeSocket.last.drop());
    await waitFor(() => expect(figure('Connections lost')).toBe('1'));
    expect(screen.getByText('The server works; this page has no live connection to it.')).toBeVisible();
    await waitFor(() => expect(FakeSocket.all).toHaveLength(2));
    act(() => FakeSocket.last.connect(43));
    act(() => FakeSocket.last.send({ ...event, seq: 42 }));
    await waitFor(() => expect(figure('Events recovered')).toBe('1'));
    expect(figure('Events received')).toBe('2');
  });
});

describe('the way of a message', () => {
  it('shows what was measured and says "no data" of the rest', async () => {
    renderPath('/status');
    const queue = (await screen.findByRole('heading', { name: /Queue/ })).closest('li') as HTMLElement;
    expect(within(queue).getByText('5')).toBeVisible();
    const ingest = screen.getByRole('heading', { name: /Ingest/ }).closest('li') as HTMLElement;
    expect(within(ingest).getByText('1,200')).toBeVisible();
    expect(within(ingest).getByText('no data')).toBeVisible();
    const database = screen.getByRole('heading', { name: /Database/ }).closest('li') as HTMLElement;
    expect(within(database).getByText('no data')).toBeVisible();
  });

  it('has a rate once it was measured twice, unless the count began anew', () => {
    const later = { ...pipeline, measured_at: '2026-03-02T09:15:10Z', streams: [stream('INBOUND', 1300), stream('EVENTS', 10)] };
    expect(rateOf(pipeline, later)).toEqual({ INBOUND: 10 });
    expect(waitingOf([undefined])).toBeNull();
  });
});
