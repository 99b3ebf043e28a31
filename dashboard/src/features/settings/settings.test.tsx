import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Settings, TelegramHearing, TelegramWebhookConfig, WebhookSettings } from '@/data/telegram';
import { timeZone } from '@/lib/format';
import { FakeSocket } from '@/testing/fake-socket';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

const bot = { id: 7312004551, username: 'kasa_bot', name: 'Каса', can_read_all_group_messages: true };
const group = { id: -1002988379206, name: 'Каса · розробка' };

const config = (fields: Partial<TelegramWebhookConfig> = {}): TelegramWebhookConfig => ({
  protocol: 'https',
  host: 'tracker.example.org',
  webhook_url: 'https://tracker.example.org/webhook/telegram',
  is_active: true,
  last_set_at: '2026-03-02T09:00:00Z',
  groups: [group],
  ...fields,
});

const heard = (fields: Partial<TelegramHearing> = {}): TelegramHearing => ({
  checked_at: '2026-03-02T09:15:00Z',
  mode: 'webhook',
  bot: { state: 'ok', cause: null, fix: null, cause_code: null, cause_detail: null, bot },
  webhook: {
    state: 'ok',
    cause: null,
    fix: null,
    cause_code: null,
    cause_detail: null,
    stored_url: config().webhook_url,
    registered_url: config().webhook_url,
    pending_update_count: 0,
    last_error_at: null,
    last_error_message: null,
    last_error_is_past: false,
    last_update_at: '2026-03-02T09:14:00Z',
  },
  groups: [{ ...group, state: 'heard', since: null, last_message_at: '2026-03-02T09:14:00Z', bot_status: 'administrator', cause: null, fix: null, cause_code: null, cause_detail: null }],
  ...fields,
});

interface World {
  settings: Settings;
  webhook: WebhookSettings;
  hearing: TelegramHearing;
  info: Record<string, unknown>;
}

let world: World;

beforeEach(() => {
  world = {
    settings: { telegram: { bot_token: '7312004551...[truncated]', webhook_base_url: 'https://tracker.example.org', mode: 'webhook', bot }, updated_at: '2026-03-02T09:00:00Z' },
    webhook: { telegram: config(), default_protocol: 'https', default_host: 'tracker.example.org' },
    hearing: heard(),
    info: { url: config().webhook_url, pending_update_count: 3 },
  };
  server.use(
    http.get('*/api/settings', () => HttpResponse.json(world.settings)),
    http.get('*/api/webhook-settings', () => HttpResponse.json(world.webhook)),
    http.get('*/api/webhook-settings/telegram/hearing', () => HttpResponse.json(world.hearing)),
    http.get('*/api/webhook-settings/telegram/info', () => HttpResponse.json({ success: true, webhook_info: world.info })),
    http.get('*/api/webhook-settings/telegram/discovered', () => HttpResponse.json([])),
  );
});

/** An installation that nobody has set up. */
function fresh() {
  world.settings = { telegram: { bot_token: '', webhook_base_url: '' }, updated_at: null };
  world.webhook = { telegram: null, default_protocol: 'https', default_host: 'proposed.example.org' };
  world.hearing = heard({ bot: { state: 'no_token', cause: 'No token is set.', fix: 'Save one.', cause_code: null, cause_detail: null, bot: null }, webhook: { ...heard().webhook, state: 'not_registered', last_update_at: null }, groups: [] });
}

describe('connecting a bot', () => {
  it('begins with the token, keeps what Telegram refused and never shows what is stored', async () => {
    fresh();
    server.use(http.post('*/api/settings', () => HttpResponse.json({ detail: 'Invalid Telegram bot token: Unauthorized' }, { status: 400 }), { once: true }));
    const { user } = renderPath('/settings');
    const field = await screen.findByLabelText('Bot token');
    expect(field).toHaveAttribute('type', 'password');
    await user.type(field, '1:bad');
    await user.click(screen.getByRole('button', { name: 'Check and save' }));
    expect(await screen.findByText('Invalid Telegram bot token: Unauthorized')).toBeVisible();
    expect(field).toHaveValue('1:bad');
    expect(field).toBeInvalid();

    let sent: unknown;
    server.use(
      http.post('*/api/settings', async ({ request }) => {
        sent = await request.json();
        world.settings = { telegram: { bot_token: '7312004551...[truncated]', webhook_base_url: '', bot: { ...bot, can_read_all_group_messages: false } }, updated_at: '2026-03-02T09:00:00Z' };
        return HttpResponse.json({ ...world.settings, webhook: { success: false, error: 'No address is saved', fix: 'Save one.' } });
      }),
    );
    await user.clear(field);
    await user.type(field, '7312004551:good');
    await user.click(screen.getByRole('button', { name: 'Check and save' }));
    expect(await screen.findByText(/Privacy mode hides most/)).toBeVisible();
    expect(screen.getByText(/No address is saved/)).toBeVisible();
    expect(sent).toEqual({ telegram: { bot_token: '7312004551:good', webhook_base_url: '' } });
    expect(field).toHaveValue('');
  });

  it('opens the step that needs somebody and says cause and fix', async () => {
    world.hearing = heard({
      webhook: { ...heard().webhook, state: 'elsewhere', cause: 'Telegram delivers to https://other.example.org.', fix: 'Register the webhook here.', cause_code: null, cause_detail: null, registered_url: 'https://other.example.org' },
    });
    world.info = { url: 'https://other.example.org', pending_update_count: 0 };
    renderPath('/settings');
    expect(await screen.findByText("Another installation has this bot's webhook")).toBeVisible();
    expect(screen.getByText('Register the webhook here.')).toBeVisible();
    expect(screen.getByRole('button', { name: /How updates arrive/ })).toHaveAttribute('aria-expanded', 'true');
    expect(screen.getByRole('button', { name: /The bot's token/ })).toHaveAttribute('aria-expanded', 'false');
    expect(await screen.findByText('They differ: Telegram delivers to another address.')).toBeVisible();
  });

  it("shows the API's sentence at the host, and a draft never passes for what the server has", async () => {
    world.webhook.telegram = config({ is_active: false });
    world.hearing = heard({ webhook: { ...heard().webhook, state: 'not_registered' } });
    server.use(http.post('*/api/webhook-settings/telegram/set', () => HttpResponse.json({ detail: 'Host must be a host or host:port, without https://' }, { status: 400 })));
    const { user, unmount } = renderPath('/settings');
    const host = await screen.findByLabelText('Host');
    expect(host).toHaveValue('tracker.example.org');
    expect(screen.queryByText('This address is typed, not saved')).not.toBeInTheDocument();
    await user.clear(host);
    await user.type(host, 'https://new.example.org');
    await user.click(screen.getByRole('button', { name: 'Save and register' }));
    expect(await screen.findByText('Host must be a host or host:port, without https://')).toBeVisible();
    expect(host).toHaveValue('https://new.example.org');
    expect(host).toBeInvalid();
    unmount();

    world.webhook.telegram = config({ is_active: false, host: 'changed.example.org' });
    renderPath('/settings');
    expect(await screen.findByLabelText('Host')).toHaveValue('https://new.example.org');
    expect(screen.getByText('The saved address was changed while you were typing')).toBeVisible();
    expect(screen.getByText('https://changed.example.org')).toBeVisible();
    await user.click(screen.getByRole('button', { name: "Use the server's" }));
    expect(screen.getByLabelText('Host')).toHaveValue('changed.example.org');
  });

  it('tells an answer of Telegram from its silence, and says in both places what to do', async () => {
    const pause = { fix: 'Telegram asks for a pause: try again in 17 s.', cause_code: 'pause', cause_detail: 'Too Many Requests: retry after 17' };
    world.hearing = heard({ bot: { ...heard().bot, ...pause, state: 'unreachable', cause: 'Too Many Requests: retry after 17' } });
    server.use(http.get('*/api/webhook-settings/telegram/info', () => HttpResponse.json({ ...pause, success: false, error: 'Too Many Requests: retry after 17' })));
    const { unmount } = renderPath('/settings');
    expect(await screen.findByText('Telegram answered with an error')).toBeVisible();
    expect(await screen.findByText('What Telegram has is not known')).toBeVisible();
    expect(screen.getAllByText('Telegram asks for a pause: Too Many Requests: retry after 17')).toHaveLength(2);
    expect(screen.getAllByText('Try again in a minute: nothing here is wrong.')).toHaveLength(2);
    unmount();

    world.hearing = heard({ bot: { ...heard().bot, state: 'unreachable', cause: 'Telegram did not answer in time', cause_code: 'timeout' } });
    renderPath('/settings');
    expect(await screen.findByText('Telegram does not answer')).toBeVisible();
    expect(screen.queryByText('needs you')).not.toBeInTheDocument();
  });

  it('switches to polling and says why where Telegram refuses', async () => {
    world.hearing = heard({ webhook: { ...heard().webhook, state: 'failing', cause: 'Wrong response from the webhook: 502', fix: 'Look at the proxy.', cause_code: null, cause_detail: null } });
    server.use(http.put('*/api/webhook-settings/telegram/mode', () => HttpResponse.json({ success: false, mode: 'webhook', message: 'Not switched', error: 'Telegram does not answer', fix: 'Try later.' })));
    const { user } = renderPath('/settings');
    await user.click(await screen.findByRole('radio', { name: /Polling/ }));
    await user.click(screen.getByRole('button', { name: 'Switch to polling' }));
    expect(await screen.findByText('Telegram does not answer')).toBeVisible();
    expect(screen.getByText('Try later.')).toBeVisible();
  });

  it('shows a test hop by hop while it runs, then with times and the hop that failed', async () => {
    let answer: () => void = () => {};
    server.use(
      http.post('*/api/webhook-settings/telegram/test', async () => {
        await new Promise<void>((resolve) => (answer = resolve));
        return HttpResponse.json({
          success: false,
          webhook_url: config().webhook_url,
          message: 'The broker did not take it.',
          fix: 'Look at System status.',
          hops: [
            { name: 'ingest', reached: true, milliseconds: 41.6, detail: null },
            { name: 'broker', reached: false, milliseconds: null, detail: 'no answer in 5 s' },
            { name: 'wire', reached: false, milliseconds: null, detail: null },
            { name: 'database', reached: false, milliseconds: null, detail: null },
          ],
        });
      }),
    );
    const { user } = renderPath('/settings');
    await user.click(await screen.findByRole('button', { name: /4\. Test/ }));
    await user.click(screen.getByRole('button', { name: 'Send a test update' }));
    const hops = await screen.findByRole('list', { name: 'Way of the test update' });
    act(() => FakeSocket.last.send({ type: 'webhook_test', seq: 2, data: { id: 'X', hop: 'ingest', at: '2026-03-02T09:15:00Z' } }));
    await waitFor(() => expect(within(hops).getAllByRole('listitem')[0]).toHaveTextContent('passed'));
    answer();
    expect(await screen.findByText('The broker did not take it.')).toBeVisible();
    const items = within(screen.getByRole('list', { name: 'Way of the test update' })).getAllByRole('listitem');
    expect(items[0]).toHaveTextContent('after 42 ms');
    expect(items[1]).toHaveTextContent('no answer in 5 s');
    expect(items[3]).toHaveTextContent('not reached');
  });

  it('asks about waiting updates before it removes the webhook', async () => {
    let query: string | null = null;
    server.use(
      http.delete('*/api/webhook-settings/telegram', ({ request }) => {
        query = new URL(request.url).searchParams.get('drop_pending_updates');
        return HttpResponse.json({ success: true, webhook_url: config().webhook_url, message: 'Webhook deleted successfully' });
      }),
    );
    const { user } = renderPath('/settings');
    await user.click(await screen.findByRole('button', { name: 'Remove the webhook…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Remove the webhook?' });
    expect(dialog).toHaveTextContent('3 updates wait at Telegram.');
    await user.click(within(dialog).getByRole('checkbox'));
    await user.click(within(dialog).getByRole('button', { name: 'Remove and throw away' }));
    await waitFor(() => expect(query).toBe('true'));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  });

  it('goes on without what Telegram says, and tells so', async () => {
    server.use(
      http.get('*/api/webhook-settings/telegram/hearing', () => HttpResponse.json({ detail: 'busy' }, { status: 500 })),
      http.get('*/api/webhook-settings/telegram/info', () => HttpResponse.json({ success: false, error: 'Telegram does not answer' })),
    );
    renderPath('/settings');
    expect(await screen.findByText('Whether the bot hears could not be asked')).toBeVisible();
    expect(await screen.findByText('Telegram does not answer')).toBeVisible();
    expect(screen.getByRole('button', { name: /The bot's token/ })).toBeVisible();
  });
});

describe('groups', () => {
  it('takes what is pasted and shows the refusal at the field', async () => {
    const sent: unknown[] = [];
    server.use(
      http.post('*/api/webhook-settings/telegram/groups', async ({ request }) => {
        sent.push(await request.json());
        return HttpResponse.json({ detail: 'An invite link cannot be resolved by a bot; add the bot and paste the id' }, { status: 400 });
      }),
    );
    const { user } = renderPath('/settings/groups');
    await screen.findByText('Каса · розробка');
    const field = screen.getByLabelText('Add a group');
    await user.type(field, ' t.me/+AbCd ');
    await user.click(screen.getByRole('button', { name: 'Add' }));
    expect(await screen.findByText(/An invite link cannot be resolved/)).toBeVisible();
    expect(field).toHaveValue(' t.me/+AbCd ');
    expect(sent).toEqual([{ group_id: 't.me/+AbCd' }]);
  });

  it('removes with a way back and says what the last one means', async () => {
    const added: unknown[] = [];
    server.use(
      http.delete('*/api/webhook-settings/telegram/groups/:id', () => {
        world.webhook.telegram = config({ groups: [] });
        return HttpResponse.json(world.webhook.telegram);
      }),
      http.post('*/api/webhook-settings/telegram/groups', async ({ request }) => {
        added.push(await request.json());
        world.webhook.telegram = config();
        return HttpResponse.json(world.webhook.telegram);
      }),
    );
    const { user } = renderPath('/settings/groups');
    await user.click(await screen.findByRole('button', { name: 'Stop listening to Каса · розробка' }));
    expect(await screen.findByText('It was the last one: every chat is taken in now.')).toBeVisible();
    expect(await screen.findByText('Every chat is listened to')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    expect(await screen.findByRole('link', { name: 'Messages of Каса · розробка' })).toHaveAttribute('href', '/messages?chat_id=-1002988379206');
    expect(added).toEqual([{ group_id: group.id }]);
  });

  it('listens to the topics that are chosen', async () => {
    const topics = [{ id: '1', name: null, ignored: false }, { id: '7', name: 'Флуд', ignored: false }, { id: '12', name: null, ignored: false }];
    const chosen: unknown[] = [];
    server.use(
      http.get('*/api/webhook-settings/telegram/groups/:id/topics', () => HttpResponse.json(topics)),
      http.put('*/api/webhook-settings/telegram/groups/:id/topics', async ({ request }) => {
        const body = (await request.json()) as { topics: string[] };
        chosen.push(body.topics);
        for (const topic of topics) topic.ignored = body.topics.includes(topic.id);
        world.webhook.telegram = config({ groups: [{ ...group, ignored_topics: body.topics }] });
        return HttpResponse.json(world.webhook.telegram);
      }),
    );
    const { user } = renderPath('/settings/groups');
    await user.click(await screen.findByRole('button', { name: 'Topics of Каса · розробка' }));
    const chat = await screen.findByRole('checkbox', { name: 'Флуд' });
    expect(screen.getAllByRole('checkbox').map((box) => box.closest('label')?.textContent)).toEqual(['General', 'Флуд', 'Topic 12']);
    await user.click(chat);
    await waitFor(() => expect(chat).not.toBeChecked());
    expect(screen.getByText('1 topic is not listened to')).toBeInTheDocument();
    await waitFor(() => expect(chat).toBeEnabled());
    await user.click(chat);
    await waitFor(() => expect(chat).toBeChecked());
    expect(chosen).toEqual([['7'], []]);
  });

  it('says of a deaf group why, and adds a discovered chat with one click', async () => {
    world.hearing = heard({ groups: [{ ...group, state: 'absent', since: null, last_message_at: null, bot_status: 'left', cause: 'The bot is not in this chat.', fix: 'Add @kasa_bot to it.', cause_code: null, cause_detail: null }] });
    const chat = { id: -100777, name: 'Склад', messages_seen: 12, last_seen: '2026-03-02T09:00:00Z' };
    server.use(
      http.get('*/api/webhook-settings/telegram/discovered', () => HttpResponse.json(world.webhook.telegram?.groups.length === 2 ? [] : [chat])),
      http.post('*/api/webhook-settings/telegram/groups', () => {
        world.webhook.telegram = config({ groups: [group, { id: chat.id, name: chat.name }] });
        return HttpResponse.json(world.webhook.telegram);
      }),
    );
    const { user } = renderPath('/settings/groups');
    expect((await screen.findAllByText('Add @kasa_bot to it.'))[0]).toBeVisible();
    expect(screen.getAllByText('not heard')[0]).toBeVisible();
    await user.click(await screen.findByRole('button', { name: 'Listen to Склад' }));
    expect(await screen.findByRole('link', { name: 'Messages of Склад' })).toBeVisible();
    expect(screen.getByText('Nothing else was heard')).toBeVisible();
  });

  it('says once why nothing comes from any group, and that choosing one leaves the others out', async () => {
    const undelivered = { ...group, state: 'undelivered' as const, since: null, last_message_at: null, bot_status: 'member', cause: 'Telegram has no webhook for this bot', fix: 'Register the webhook.', cause_code: null, cause_detail: null };
    world.webhook.telegram = config({ groups: [group, { id: -100777, name: 'Склад' }] });
    world.hearing = heard({ groups: [undelivered, { ...undelivered, id: -100777, name: 'Склад' }] });
    const { unmount } = renderPath('/settings/groups');
    expect(await screen.findByText('Nothing comes from these groups at the moment')).toBeVisible();
    expect(screen.getAllByText('Register the webhook.')).toHaveLength(1);
    expect(screen.queryByText('Chats that were heard')).not.toBeInTheDocument();
    unmount();

    world.webhook.telegram = config({ groups: [] });
    world.hearing = heard({ groups: [] });
    server.use(http.get('*/api/webhook-settings/telegram/discovered', () => HttpResponse.json([{ id: -100777, name: 'Склад', messages_seen: 12, last_seen: '2026-03-02T09:00:00Z' }])));
    renderPath('/settings/groups');
    expect(await screen.findByText('Chats that were heard')).toBeVisible();
    expect(await screen.findByText(/only the chosen ones are/)).toBeVisible();
  });

  it('changes nothing without a connection', async () => {
    const { user } = renderPath('/settings/groups');
    const remove = await screen.findByRole('button', { name: 'Stop listening to Каса · розробка' });
    act(() => FakeSocket.last.drop());
    await waitFor(() => expect(screen.getByRole('button', { name: 'Stop listening to Каса · розробка' })).toHaveAttribute('aria-disabled', 'true'));
    await user.click(screen.getByRole('button', { name: 'Stop listening to Каса · розробка' }));
    expect(remove).toBeDefined();
    expect(screen.getByRole('link', { name: 'Messages of Каса · розробка' })).toBeVisible();
  });
});

describe('appearance', () => {
  it('takes effect at once, in words and colour', async () => {
    const { user } = renderPath('/settings/appearance');
    await user.click(await screen.findByRole('radio', { name: 'Dark' }));
    expect(document.documentElement).toHaveClass('dark');
    expect(screen.getByText(timeZone())).toBeVisible();
    await user.click(screen.getByRole('radio', { name: 'Українська' }));
    expect(await screen.findByRole('heading', { level: 1, name: 'Налаштування' })).toBeVisible();
  });
});
