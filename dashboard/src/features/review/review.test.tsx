import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Task } from '@/lib/api';
import { addDays, isoDay } from '@/lib/format';
import '@/features/review/review-page'; // before a test waits for it
import { dayText } from '@/lib/typed-day';
import { FakeSocket } from '@/testing/fake-socket';
import { stats, task } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

import { stageStates } from './run';
import { dayOfTitle } from './summaries';
import { blocksOf } from './summary-text';

const today = isoDay(new Date());
let tasks: Task[];

beforeEach(() => {
  tasks = [];
  server.use(
    http.get('*/api/tasks', ({ request }) => {
      expect(new URL(request.url).searchParams.get('category')).toBe('summary');
      return HttpResponse.json(tasks);
    }),
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.get('*/api/proposals', () => HttpResponse.json([])),
    http.get('*/api/activity', () =>
      HttpResponse.json({ data: [{ timestamp: new Date().toISOString(), source: 'telegram', count: 3 }], period: { type: 'month', start: today, end: today, month: 0, year: 2026 }, total_messages: 3 }),
    ),
  );
});

const frame = (stage: 'reading' | 'summarizing' | 'saving' | 'done' | 'failed', processed = 0, total = 0) => ({ type: 'analysis_progress', seq: 5, data: { date: today, stage, processed, total } }) as const;

describe('a run', () => {
  it('goes through its stages as the server tells, and ends with the task', async () => {
    let answer: () => void = () => {};
    let asked = '';
    server.use(
      http.post('*/api/analyze-day', async ({ request }) => {
        asked = new URL(request.url).search;
        await new Promise<void>((resolve) => (answer = resolve));
        tasks = [task({ id: 44, category: 'summary', title: `Daily Summary - ${today}`, description: '## Каса\n- a till\n- a printer' })];
        return HttpResponse.json({ success: true, message: 'Analyzed 3 messages', messages_processed: 3, tasks_created: 1, date: today, summary_task_id: 44 });
      }),
    );
    const { user } = renderPath('/review?view=day');
    expect(await screen.findByText('No summary yet')).toBeVisible();
    expect(await screen.findByRole('link', { name: '3 messages that day' })).toHaveAttribute('href', `/messages?date_from=${today}&date_to=${today}`);
    await user.click(screen.getByRole('button', { name: 'Summarise' }));
    const list = await screen.findByRole('list', { name: 'Stages of the run' });
    act(() => FakeSocket.last.send(frame('summarizing', 1, 3)));
    await waitFor(() => expect(list).toHaveTextContent('1 of 3'));
    expect(screen.getByRole('button', { name: 'Summarising…' })).toHaveAttribute('aria-disabled', 'true');
    expect(screen.getByRole('button', { name: 'Summarising…' })).toHaveFocus();
    act(() => FakeSocket.last.send(frame('done', 3, 3)));
    answer();
    expect(await screen.findByText('3 messages are summarised.')).toBeVisible();
    expect(asked).toContain(`target_date=${today}&tz=Europe`);
    expect(await screen.findByRole('heading', { name: 'Каса' })).toBeVisible();
    expect(screen.getAllByRole('link', { name: 'Open task 44' })[0]).toHaveAttribute('href', '/tasks/44');
  });

  it('says that nothing was left, and why a run failed', async () => {
    server.use(http.post('*/api/analyze-day', () => HttpResponse.json({ success: true, message: `No unanalyzed messages found for ${today}`, messages_processed: 0, tasks_created: 0 }), { once: true }));
    const { user } = renderPath('/review?view=day');
    await user.click(await screen.findByRole('button', { name: 'Summarise' }));
    expect(await screen.findByText(`No unanalyzed messages found for ${today}`)).toBeVisible();
    server.use(http.post('*/api/analyze-day', () => HttpResponse.json({ detail: 'The provider refuses the key' }, { status: 429, headers: { 'Retry-After': '30' } })));
    await user.click(screen.getByRole('button', { name: 'Summarise' }));
    const alert = await screen.findByRole('alert');
    expect(alert).toHaveTextContent('The provider refuses the key Try again in 30 seconds.');
    expect(within(alert).getByRole('button', { name: 'Try again' })).toBeEnabled();
  });

  it('keeps the day in the address and never asks for a day to come', async () => {
    const { user, router } = renderPath(`/review?view=day&date=${isoDay(addDays(new Date(), 3))}`);
    expect(await screen.findByLabelText('Day', { selector: 'input' })).toHaveValue(dayText(today, 'en'));
    await user.click(screen.getByRole('button', { name: 'Yesterday' }));
    expect(router.state.location.search).toBe(`?view=day&date=${isoDay(addDays(new Date(), -1))}`);
  });

  it('sends nothing without a connection, not even by Enter', async () => {
    const { user } = renderPath('/review?view=day');
    const field = await screen.findByLabelText('Day', { selector: 'input' });
    act(() => FakeSocket.last.drop());
    await waitFor(() => expect(screen.getByRole('button', { name: 'Summarise' })).toHaveAttribute('aria-disabled', 'true'));
    field.focus();
    await user.keyboard('{Enter}'); // a request would fail the test: nothing answers it
  });

  it('shows where it failed, though the last frame does not say', () => {
    const progress = (stage: 'failed' | 'summarizing') => ({ date: today, stage, processed: 0, total: 3 });
    expect(stageStates(progress('failed'), 'summarizing')).toEqual({ reading: 'done', summarizing: 'failed', saving: 'ahead', done: 'ahead' });
    expect(stageStates(progress('summarizing'), undefined)).toEqual({ reading: 'done', summarizing: 'now', saving: 'ahead', done: 'ahead' });
    expect(stageStates({ date: today, stage: 'done', processed: 3, total: 3 }, undefined).done).toBe('done');
  });
});

describe('a summary', () => {
  it('is read as headings, lists and text, and nothing in it becomes markup', () => {
    expect(blocksOf('Two lines\nof text\n\n## Head\n- one\n- <b>two</b>\nafter')).toEqual([
      { kind: 'text', lines: ['Two lines', 'of text'] },
      { kind: 'heading', lines: ['Head'] },
      { kind: 'list', lines: ['one', '<b>two</b>'] },
      { kind: 'text', lines: ['after'] },
    ]);
  });

  it('is named by its day where its title still names one', () => {
    expect(isoDay(dayOfTitle('Daily Summary - 2026-03-02') ?? new Date(0))).toBe('2026-03-02');
    expect(dayOfTitle('What we did')).toBeNull();
  });
});
