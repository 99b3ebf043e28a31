import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import { troubles, type TelegramHearing } from '@/data/telegram';
import type { Message, Task } from '@/lib/api';
import { FakeSocket } from '@/testing/fake-socket';
import { message, stats, task } from '@/testing/factory';
import { formatDuration, isoDay } from '@/lib/format';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

const hearing = (fields: Partial<TelegramHearing> = {}): TelegramHearing => ({
  checked_at: '2026-03-02T09:15:00Z',
  mode: 'webhook',
  bot: { state: 'ok', cause: null, fix: null, cause_code: null, cause_detail: null, bot: null },
  webhook: {
    state: 'ok',
    cause: null,
    fix: null,
    cause_code: null,
    cause_detail: null,
    stored_url: '',
    registered_url: null,
    pending_update_count: 0,
    last_error_at: null,
    last_error_message: null,
    last_error_is_past: false,
    last_update_at: null,
  },
  groups: [],
  ...fields,
});
const chat = (state: TelegramHearing['groups'][number]['state']) => ({ id: -1, name: 'x', state, since: null, last_message_at: null, bot_status: null, cause: null, fix: null, cause_code: null, cause_detail: null });

let messages: Message[];
let tasks: Task[];
let heard: TelegramHearing;
let token: string;

beforeEach(() => {
  messages = [message({ id: 5, content: 'Каса не друкує чек' })];
  tasks = [task({ id: 3, title: 'Fix the till', priority: 'critical' })];
  heard = hearing();
  token = '7312004551...[truncated]';
  server.use(
    http.get('*/api/stats', () => HttpResponse.json({ ...stats({ open: 1, pending: 4, completed: 7 }), trend: { total: 6, pending: 2, in_progress: 0, completed: 3, cancelled: 1 } })),
    http.get('*/api/tasks', ({ request }) => {
      const asked = new URL(request.url).searchParams;
      if (asked.get('due') === 'overdue') return HttpResponse.json([task({ due_at: '2026-03-01T10:00:00Z' }), task({ due_at: '2026-03-01T10:00:00Z' })]);
      return HttpResponse.json(asked.get('priority') ? tasks.filter(({ priority }) => priority === 'critical') : tasks);
    }),
    http.get('*/api/messages', () => HttpResponse.json(messages)),
    http.get('*/api/messages/filters', () =>
      HttpResponse.json({ authors: [], sources: [], total_messages: messages.length, date_range: { earliest: null, latest: null } }),
    ),
    http.get('*/api/activity', () => HttpResponse.json({ data: [], period: { type: 'week', start: '2026-03-01T00:00:00Z', end: '2026-03-02T00:00:00Z', month: null, year: null }, total_messages: 0 })),
    http.get('*/api/overview', ({ request }) => {
      const asked = new URL(request.url).searchParams;
      const span = { date_from: asked.get('date_from'), date_to: asked.get('date_to'), messages: 80, judged: 60, issues: 12, tasks_created: 9, tasks_closed: 4, tasks_of_messages: 6, median_seconds_to_task: 720 };
      return HttpResponse.json({ current: span, previous: { ...span, messages: 100, judged: 0, issues: 0, tasks_created: 3, tasks_closed: 5, tasks_of_messages: 0, median_seconds_to_task: null } });
    }),
    http.get('*/api/task-flow', ({ request }) => {
      const day = new URL(request.url).searchParams.get('date_to') ?? '';
      return HttpResponse.json({ days: [{ day, created: 9, closed: 4 }], created: 9, closed: 4 });
    }),
    http.get('*/api/proposals', () => HttpResponse.json([{ id: 1 }, { id: 2 }])),
    http.get('*/api/dead-letters/kinds', () => HttpResponse.json([])),
    http.get('*/api/settings', () => HttpResponse.json({ telegram: { bot_token: token, webhook_base_url: '' }, updated_at: null })),
    http.get('*/api/webhook-settings/telegram/hearing', () => HttpResponse.json(heard)),
  );
});

describe('the week', () => {
  it('stands beside the one before, and each figure opens the list that it counts', async () => {
    renderPath('/');
    const week = await screen.findByRole('region', { name: 'Last 7 days, with today' });
    await within(week).findByText('80');
    const words = (card: HTMLElement) => [...card.querySelectorAll('title')].reduce((text, { textContent }) => text.replace(textContent, ''), card.textContent).replaceAll('\u00a0', ' ');
    expect(within(week).getAllByRole('listitem').map(words)).toEqual([
      'Messages80Show them7 days before: 100',
      'Something to do20%12 of 60 judged7 days before: no data',
      'Tasks created : closed9 : 49 created4 closed7 days before: 3 : 5',
      `From message to task (median)${formatDuration(720, 'en')}6 of 9 created7 days before: no data`,
    ]);
    const today = isoDay(new Date());
    expect(await within(week).findByRole('img', { name: /^By day: .* – 9.:.4$/ })).toBeInTheDocument();
    expect(within(week).getByRole('link', { name: '12 of 60 judged' })).toHaveAttribute('href', expect.stringContaining(`classification=issue`));
    expect(within(week).getByRole('link', { name: '4 closed' })).toHaveAttribute('href', expect.stringMatching(new RegExp(`^/tasks\\?closed_from=.*&closed_to=${today}$`)));
  });
});

describe('what needs somebody', () => {
  it('counts, and each count opens its list, by its digit too', async () => {
    heard = hearing({ groups: [chat('absent'), chat('heard')] });
    const { user, router } = renderPath('/');
    const needs = await screen.findByRole('region', { name: 'Needs you' });
    const open = await within(needs).findByRole('link', { name: /New tasks.*nobody has looked/ });
    expect(open).toHaveAttribute('href', '/tasks?status=open');
    expect(await within(needs).findByRole('link', { name: /Critical and new.*1/ })).toHaveAttribute('href', '/tasks?status=open&priority=critical');
    expect(await within(needs).findByRole('link', { name: /Overdue.*2.*past the due date/ })).toHaveAttribute('href', '/tasks?due=overdue');
    expect(await within(needs).findByRole('link', { name: /Sources in trouble.*1/ })).toHaveAttribute('href', '/settings/groups');
    server.use(http.get('*/api/webhook-settings', () => HttpResponse.json({ telegram: null, default_protocol: 'https', default_host: '' })), http.get('*/api/webhook-settings/telegram/discovered', () => HttpResponse.json([])));
    expect(await within(needs).findByRole('link', { name: /Proposals.*2.*to accept/ })).toHaveAttribute('href', '/review');
    expect(await screen.findByRole('link', { name: 'Daily review , 2 to decide' })).toHaveAttribute('href', '/review');
    await user.keyboard('5');
    await waitFor(() => expect(router.state.location.pathname).toBe('/settings/groups'));
  });

  it('fails alone, with a retry', async () => {
    server.use(http.get('*/api/webhook-settings/telegram/hearing', () => HttpResponse.json({ detail: 'Telegram was slow' }, { status: 500 }), { once: true }));
    const { user } = renderPath('/');
    expect(await screen.findByText('Telegram was slow')).toBeVisible();
    expect(await screen.findByText('Каса не друкує чек')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('no trouble known')).toBeVisible();
  });

  it('tells a deaf chat from a closed way in, and no trouble without a token', () => {
    expect(troubles(hearing({ groups: [chat('partly'), chat('unknown')] }))).toEqual({ count: 1, groupsOnly: true });
    expect(troubles(hearing({ webhook: { ...hearing().webhook, state: 'failing' }, groups: [chat('absent')] }))).toEqual({ count: 2, groupsOnly: false });
    expect(troubles(hearing({ bot: { state: 'no_token', cause: null, fix: null, cause_code: null, cause_detail: null, bot: null }, webhook: { ...hearing().webhook, state: 'not_registered' } }))).toEqual({ count: 0, groupsOnly: false });
  });
});

describe('figures and lists', () => {
  it('has the totals with what is of the last 30 days, each opening its list', async () => {
    renderPath('/');
    const totals = await screen.findByRole('region', { name: 'Tasks' });
    expect(await within(totals).findByRole('link', { name: '12' })).toHaveAttribute('href', '/tasks');
    expect(within(totals).getByText('6 created in the last 30 days')).toBeVisible();
    expect(within(totals).getByRole('link', { name: 'Pending: 4' })).toHaveAttribute('href', '/tasks?status=pending');
  });

  it('names whoever wrote without a name', async () => {
    messages = [message({ id: 5, content: 'Каса не друкує чек', author: '' })];
    renderPath('/');
    expect(await screen.findByRole('link', { name: /^Unknown author.*Каса не друкує чек/ })).toBeVisible();
  });

  it('shows messages as they arrive and holds still on request', async () => {
    const { user } = renderPath('/');
    await screen.findByText('Каса не друкує чек');
    act(() => FakeSocket.last.send({ type: 'message.new', seq: 2, data: message({ id: 0, external_message_id: '77', content: 'First', persisted: false, sent_at: '2026-03-02T09:16:00Z' }) }));
    expect(await screen.findByText('First')).toBeVisible();
    expect(screen.getByText('saving')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Hold the list still' }));
    act(() => FakeSocket.last.send({ type: 'message.new', seq: 3, data: message({ id: 0, external_message_id: '78', content: 'Second', persisted: false, sent_at: '2026-03-02T09:17:00Z' }) }));
    // The one that is shown goes on being confirmed in place.
    act(() => FakeSocket.last.send({ type: 'message.updated', seq: 4, data: message({ id: 9, external_message_id: '77', content: 'First', sent_at: '2026-03-02T09:16:00Z', task_id: 44 }) }));
    expect(await screen.findByText('task 44')).toBeVisible();
    expect(screen.queryByText('Second')).not.toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Follow again' }));
    expect(await screen.findByText('Second')).toBeVisible();
  });
});

describe('an empty installation', () => {
  it('leads to the first message, which takes its place', async () => {
    messages = [];
    tasks = [];
    token = '';
    heard = hearing({ bot: { state: 'no_token', cause: null, fix: null, cause_code: null, cause_detail: null, bot: null }, webhook: { ...hearing().webhook, state: 'not_registered' } });
    renderPath('/');
    expect(await screen.findByRole('heading', { name: 'Set up' })).toBeVisible();
    expect(await screen.findByRole('link', { name: 'Enter the token' })).toHaveAttribute('href', '/settings/telegram');
    expect(screen.queryByRole('heading', { name: 'Latest messages' })).not.toBeInTheDocument();

    token = '7312004551...[truncated]';
    heard = hearing();
    act(() => FakeSocket.last.send({ type: 'settings_updated', seq: 2, data: { section: 'telegram' } }));
    await waitFor(() => expect(screen.queryByRole('link', { name: 'Enter the token' })).not.toBeInTheDocument());

    act(() => FakeSocket.last.send({ type: 'message.new', seq: 3, data: message({ id: 0, content: 'Hello', persisted: false }) }));
    expect(await screen.findByText('Hello')).toBeVisible();
    expect(screen.queryByRole('heading', { name: 'Set up' })).not.toBeInTheDocument();
  });
});
