import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import { heatLevel, heatRows, peak } from '@/components/charts/heat';
import { shareText } from '@/components/charts/share';
import { bounds, viewOf, type ActivityPoint } from '@/data/activity';
import { isoDay } from '@/lib/format';
import { stats } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

import { monthsSince, parsePeriod, shiftMonth } from './period';

const nobodyDecided = { undecided: 0, decided: { right: 0, wrong: 0 }, least_decided: 30, precision: null, outcomes: [], versions: [] };

const point = (timestamp: string, count: number, source = 'telegram'): ActivityPoint => ({ timestamp, count, source });
// A Wednesday, noon in Kyiv.
const now = new Date('2026-03-04T10:00:00Z');

describe('the days of a period', () => {
  it('are whole, those of the reader, so that the sums are those of the lists', () => {
    const view = viewOf(
      [
        point('2026-02-25T11:00:00Z', 90), // the API's week begins at this hour seven days ago: a part of a day
        point('2026-02-25T22:00:00Z', 3), // midnight in Kyiv: the 26th
        point('2026-03-04T07:00:00Z', 4),
        point('2026-03-04T07:00:00Z', 5, 'api'),
      ],
      { kind: 'week' },
      now,
    );
    expect(view).toMatchObject({ from: '2026-02-26', to: '2026-03-04', total: 12 });
    expect(view.days).toHaveLength(7);
    expect(view.hours[0]).toEqual({ day: '2026-02-26', weekday: 3, hour: 0, source: 'telegram', count: 3 });
  });

  it('of a month end today, or with the month', () => {
    const span = (year: number, month: number) => Object.values(bounds({ kind: 'month', year, month }, now)).map(isoDay);
    expect(span(2026, 2)).toEqual(['2026-03-01', '2026-03-04']);
    expect(span(2026, 1)).toEqual(['2026-02-01', '2026-02-28']);
  });

  it('come from the address, whatever is typed there', () => {
    const parse = (text: string) => parsePeriod(new URLSearchParams(text), now);
    expect(parse('')).toEqual({ kind: 'week' });
    expect(parse('period=month&month=2025-12')).toEqual({ kind: 'month', year: 2025, month: 11 });
    expect(parse('period=month&month=2025-13')).toEqual({ kind: 'month', year: 2026, month: 2 });
    expect(shiftMonth({ year: 2026, month: 0 }, -1)).toEqual({ year: 2025, month: 11 });
    expect(monthsSince('2025-12-30', now)).toHaveLength(4);
    expect(monthsSince(null, now)).toHaveLength(1);
  });
});

describe('the heat map', () => {
  const { hours } = viewOf([point('2026-03-02T07:00:00Z', 2), point('2026-03-02T08:00:00Z', 3), point('2026-03-03T07:00:00Z', 1)], { kind: 'month', year: 2026, month: 2 }, now);

  it('sums hours of a weekday and knows the days behind them', () => {
    expect(heatRows(hours, 1)[0]?.[9]).toEqual({ weekday: 0, hour: 9, count: 2, days: [{ day: '2026-03-02', count: 2 }] });
    expect(heatRows(hours, 3)[0]?.[3]?.count).toBe(5);
    expect(peak(heatRows(hours, 1))).toMatchObject({ weekday: 0, hour: 10, count: 3 });
    expect(peak(heatRows([], 1))).toBeNull();
  });

  it('shades by the fullest cell, and a single message is not nothing', () => {
    expect([0, 1, 50, 100].map((count) => heatLevel(count, 100))).toEqual([0, 1, 3, 5]);
  });
});

it('says of a share that it is small, not that it is nothing', () => {
  expect([[0, 0], [0, 9], [2, 1000], [1, 3], [999, 1000], [9, 9]].map(([count = 0, of = 0]) => shareText(count, of, 'en'))).toEqual(['', '0%', '<1%', '33%', '>99%', '100%']);
});

describe('the page', () => {
  const today = new Date();
  const hour = new Date(today.getFullYear(), today.getMonth(), today.getDate(), 0).toISOString();
  const day = isoDay(today);

  beforeEach(() => {
    server.use(
      http.get('*/api/stats', () =>
        HttpResponse.json({ ...stats({ open: 2, pending: 1, completed: 5, cancelled: 2 }), categories: { bug: 6, feature: 4 }, byPriority: { low: 1, medium: 7, high: 2, critical: 0, urgent: 0 } }),
      ),
      http.get('*/api/activity', () => HttpResponse.json({ data: [point(hour, 4), point(hour, 2, 'api')], period: { type: 'week', start: hour, end: hour, month: null, year: null }, total_messages: 6 })),
      http.get('*/api/task-flow', () => HttpResponse.json({ days: [{ day, created: 3, closed: 1 }], created: 3, closed: 1, median_seconds_to_close: 60, p90_seconds_to_close: 60 })),
      http.get('*/api/durations', () => HttpResponse.json({ least_measured: 30, accept: { count: 0, median_seconds: null, p90_seconds: null }, close: { count: 1, median_seconds: null, p90_seconds: null } })),
      http.get('*/api/funnel', () => HttpResponse.json({ messages: 200, judged: 195, issues: 50, proposed: 40, accepted: 30, done: 6 })),
      http.get('*/api/ai/quality', () => HttpResponse.json(nobodyDecided)),
      http.get('*/api/activity/chats', () => HttpResponse.json([{ source: 'telegram', chat_id: '-7', chat_name: 'Каса', count: 4 }])),
      http.get('*/api/settings', () => HttpResponse.json({ telegram: { bot_token: '7204418893...[truncated]', webhook_base_url: '', mode: 'webhook', bot: null }, updated_at: null })),
      http.get('*/api/messages/filters', () => HttpResponse.json({ authors: [], sources: [], total_messages: 6, date_range: { earliest: day, latest: day } })),
    );
  });

  it('has figures that open their lists and a table behind each chart', async () => {
    const { user } = renderPath('/analytics');
    expect(await screen.findByRole('link', { name: /Completion rate.*50%.*5 of 10 completed/ })).toHaveAttribute('href', '/tasks?status=completed');
    const category = screen.getByRole('group', { name: 'By category' });
    expect(within(category).getByRole('link', { name: /Bug.*6.*60%/ })).toHaveAttribute('href', '/tasks?category=bug');
    expect(category).toHaveAccessibleDescription('Most: Bug, 6 (60%).');
    await user.click(screen.getByRole('button', { name: 'By priority: as a table' }));
    const table = screen.getByRole('table', { name: 'By priority' });
    expect(within(table).getByRole('row', { name: 'Medium 7 70%' })).toBeVisible();
    expect(within(table).getByRole('link', { name: 'High' })).toHaveAttribute('href', '/tasks?priority=high');
    const saved: Blob[] = [];
    URL.createObjectURL = (blob) => `blob:${saved.push(blob as Blob)}`;
    URL.revokeObjectURL = () => {};
    await user.click(screen.getByRole('button', { name: 'By priority: download as CSV' }));
    expect(await saved[0]?.text()).toMatch(/^\uFEFF?Priority,Tasks,Share\r\nCritical,0,0%\r\nHigh,2,20%\r\nMedium,7,70%\r\n/);
  });

  it('says how long accepting and closing took where enough was measured, with the lists', async () => {
    server.use(http.get('*/api/durations', () => HttpResponse.json({ least_measured: 30, accept: { count: 12, median_seconds: null, p90_seconds: null }, close: { count: 40, median_seconds: 7200, p90_seconds: 259200 } })));
    renderPath('/analytics?chat_id=-7');
    const accepted = await screen.findByRole('link', { name: /Until accepted *— *12 accepted: too little .*at least 30 needed/ });
    expect(accepted).toHaveAttribute('href', '/analytics?chat_id=-7&decisions=taken');
    const closed = screen.getByRole('link', { name: /Until closed *2 .*Half of 40 closed tasks took at most 2 .*, nine of ten at most 3 d/ });
    expect(closed.getAttribute('href')).toMatch(new RegExp(`^/tasks\\?closed_from=.*&closed_to=${day}&chat_id=-7$`));
  });

  it('sets tasks created against closed, each number with its list, and chats', async () => {
    const { user } = renderPath('/analytics');
    expect(await screen.findByText('3 created, 1 completed or cancelled.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Tasks created and closed: as a table' }));
    const table = screen.getByRole('table', { name: 'Tasks created and closed' });
    expect(within(table).getAllByRole('link').map((link) => link.getAttribute('href'))).toContain(`/tasks?closed_from=${day}&closed_to=${day}`);
    expect((await screen.findByRole('link', { name: /Каса/ })).getAttribute('href')).toMatch(/^\/messages\?source=telegram&chat_id=-7&date_from=/);
  });

  it('shows how far messages got, each stage with its list, of the group in the address', async () => {
    const asked: string[] = [];
    server.use(
      http.get('*/api/funnel', ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({ messages: 200, judged: 195, issues: 50, proposed: 40, accepted: 30, done: 6 });
      }),
    );
    const { user, router } = renderPath('/analytics?chat_id=-7');
    const funnel = await screen.findByRole('group', { name: 'How far messages got' });
    expect(funnel).toHaveAccessibleDescription('200 messages, with something to do in 50. 40 led to a task or a proposal, 30 to a task that was kept, 6 to one that is done. 5 are not judged.');
    const stages = within(funnel).getAllByRole('link');
    expect(stages.map((link) => link.textContent)).toEqual(['Received200', 'Something to do5025%', 'Proposed or made4080%', 'Kept as a task3075%', 'Done620%']);
    const days = /^\/messages\?chat_id=-7&date_from=[\d-]+&date_to=[\d-]+/;
    expect(stages.at(0)?.getAttribute('href')).toMatch(new RegExp(`${days.source}$`));
    expect(stages.at(-1)?.getAttribute('href')).toMatch(new RegExp(`${days.source}&classification=issue&reached=done$`));
    expect(asked[0]).toMatch(/date_from=.*&date_to=.*&tz=Europe%2FKyiv&chat_id=-7$/);
    await user.click(screen.getByRole('button', { name: 'Month' }));
    await waitFor(() => expect(router.state.location.search).toMatch(/^\?chat_id=-7&period=month/));
    await user.click(screen.getByRole('combobox', { name: 'Group' }));
    await user.click(await screen.findByRole('option', { name: 'All groups' }));
    await waitFor(() => expect(router.state.location.search).toMatch(/^\?period=month&month=[\d-]+$/));
  });

  it('says of few decisions how many are needed, and of enough what share was right', async () => {
    const version = (n: number, right: number, wrong: number, precision: object | null) => ({ version: `local linear ${n}`, provider: 'local', model: 'linear', prompt_version: `${n}`, decided: { right, wrong }, precision });
    const outcomes = [{ outcome: 'accepted', reason: null, count: 10 }, { outcome: 'rejected', reason: 'noise', count: 2 }, { outcome: 'missed', reason: null, count: 3 }];
    server.use(http.get('*/api/ai/quality', () => HttpResponse.json({ ...nobodyDecided, decided: { right: 10, wrong: 2 }, outcomes, versions: [version(1, 10, 2, null)] })));
    const { unmount } = renderPath('/analytics');
    const quality = await screen.findByRole('group', { name: /What people thought/ });
    expect(quality).toHaveAccessibleDescription('12 decisions, at least 30 needed for a share.');
    expect(within(quality).getByRole('link', { name: /Rejected: nothing to do.*2$/ })).toHaveAttribute('href', '/analytics?decisions=rejected&reason=noise');
    expect(within(quality).getByRole('link', { name: /Was missed.*3$/ })).toHaveAttribute('href', '/analytics?decisions=missed');
    expect(screen.queryByRole('group', { name: /By version/ })).toBeNull();
    unmount();

    const precision = { share: 0.9, low: 0.786, high: 0.957 };
    server.use(http.get('*/api/ai/quality', () => HttpResponse.json({ ...nobodyDecided, decided: { right: 45, wrong: 5 }, precision, outcomes, versions: [version(2, 36, 2, precision), version(1, 9, 3, null)] })));
    const { user } = renderPath('/analytics');
    expect(await screen.findByText('45 of 50 decisions found it right: 90%, with 95% confidence between 79% and 96%.')).toBeVisible();
    expect(screen.getByRole('link', { name: /Accepted.*10.*20%/ })).toHaveAttribute('href', '/analytics?decisions=accepted');
    await user.click(screen.getByRole('button', { name: 'By version of who judges: as a table' }));
    const table = screen.getByRole('table', { name: 'By version of who judges' });
    expect(within(table).getByRole('row', { name: 'Built-in linear 1 9 3 12 decisions, at least 30 needed for a share.' })).toBeVisible();
    expect(within(table).getAllByRole('link').map((link) => link.getAttribute('href'))).toContain('/analytics?decisions=wrong&version=local+linear+2');
  });

  it('lists the decisions behind a number, page by page, with the way to each', async () => {
    const decision = { subject: 'task', id: 5, message_id: 41, made_at: hour, title: 'Каса не друкує', outcome: 'cancelled', reason: null, decided_at: hour, task_id: 5, version: 'local linear 1' };
    server.use(
      http.get('*/api/ai/decisions', ({ request }) => {
        const asked = new URL(request.url).searchParams;
        expect([asked.get('right'), asked.get('version'), asked.get('chat_id')]).toEqual(['false', 'local linear 1', '-7']);
        if (asked.get('cursor')) return HttpResponse.json([{ ...decision, subject: 'proposal', id: 9, title: 'Друга', outcome: 'rejected', reason: 'noise', task_id: null }]);
        return HttpResponse.json([decision], { headers: { 'X-Next-Cursor': 'next' } });
      }),
    );
    const { user } = renderPath('/analytics?chat_id=-7&decisions=wrong&version=local%20linear%201');
    expect(await screen.findByRole('link', { name: 'Каса не друкує' })).toHaveAttribute('href', '/tasks/5');
    expect(screen.getByRole('link', { name: 'Back to the figures' })).toHaveAttribute('href', '/analytics?chat_id=-7');
    await user.click(screen.getByRole('button', { name: 'Load more' }));
    expect(await screen.findByRole('link', { name: 'Друга' })).toHaveAttribute('href', '/messages?id=41');
    expect(screen.getByText('Rejected: nothing to do')).toBeVisible();
  });

  it('opens the days behind a cell by keyboard, and the source of a bar', async () => {
    const { user } = renderPath('/analytics');
    const grid = await screen.findByRole('grid', { name: 'Messages by weekday and hour' });
    const cell = within(grid).getByLabelText(/: 6 messages$/);
    cell.focus();
    await user.keyboard('{ArrowRight}');
    expect(document.activeElement).toHaveAccessibleName(/01:00–02:00: 0 messages/);
    await user.keyboard('{ArrowLeft}{Enter}');
    const popover = await screen.findByRole('dialog');
    const link = within(popover).getByRole('link');
    const asked = new URL(link.getAttribute('href') ?? '', 'http://localhost').searchParams;
    expect([asked.get('sent_from'), Date.parse(asked.get('sent_before') ?? '') - Date.parse(asked.get('sent_from') ?? '')]).toEqual([hour, 3_600_000]);
    await user.keyboard('{Escape}');
    expect(screen.getByText('telegram').closest('a')?.getAttribute('href')).toMatch(new RegExp(`^/messages\\?source=telegram&date_from=.*&date_to=${day}$`));
  });

  it('keeps the month in the address and asks for it in the reader’s zone', async () => {
    const asked: string[] = [];
    server.use(
      http.get('*/api/activity', ({ request }) => {
        asked.push(new URL(request.url).search);
        return HttpResponse.json({ data: [], period: { type: 'month', start: hour, end: hour, month: 0, year: 2026 }, total_messages: 0 });
      }),
    );
    const { user, router } = renderPath('/analytics?period=month&month=2026-02');
    expect(await screen.findByText('No messages in this time')).toBeVisible();
    expect(asked[0]).toContain('month=1&year=2026&tz=Europe');
    await user.click(screen.getByRole('button', { name: 'Previous month' }));
    await waitFor(() => expect(router.state.location.search).toBe('?period=month&month=2026-01'));
  });

  it('says that nothing is connected yet where that is why nothing was said', async () => {
    server.use(
      http.get('*/api/activity', () => HttpResponse.json({ data: [], period: { type: 'week', start: hour, end: hour, month: null, year: null }, total_messages: 0 })),
      http.get('*/api/messages/filters', () => HttpResponse.json({ authors: [], sources: [], total_messages: 0, date_range: { earliest: null, latest: null } })),
      http.get('*/api/settings', () => HttpResponse.json({ telegram: { bot_token: '', webhook_base_url: '', mode: 'webhook', bot: null }, updated_at: null })),
    );
    renderPath('/analytics');
    expect(await screen.findByText('No chat is connected yet')).toBeVisible();
    expect(screen.getByRole('link', { name: 'Connect a bot' })).toHaveAttribute('href', '/settings/telegram');
  });

  it('shows the one half where the other failed, and what is empty as empty', async () => {
    server.use(
      http.get('*/api/stats', () => HttpResponse.json({ ...stats(), categories: {} })),
      http.get('*/api/activity', () => HttpResponse.json({ detail: 'The database is busy' }, { status: 500 })),
      http.get('*/api/funnel', () => HttpResponse.json({ detail: 'The funnel is stuck' }, { status: 500 })),
    );
    renderPath('/analytics');
    expect(await screen.findByText('No task yet')).toBeVisible();
    expect(await screen.findByText('The database is busy')).toBeVisible();
    expect(await screen.findByText('The funnel is stuck')).toBeVisible();
    expect(await screen.findByText('The machine proposed nothing in this time')).toBeVisible();
  });
});
