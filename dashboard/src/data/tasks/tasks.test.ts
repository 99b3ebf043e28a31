import { QueryClient } from '@tanstack/react-query';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Task, TaskUpdate } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { task } from '@/testing/factory';
import { server } from '@/testing/server';

import { findTask, putTask, withTask, type TaskPages } from './cache';
import { matchesTask, parseTaskFilter, type TaskFilter } from './filter';
import { tasksLive } from './live';
import { applyChanges, inverse } from './mutations';

const pages = (...lists: Task[][]): TaskPages => ({
  pages: lists.map((items, i) => ({ items, next: i === lists.length - 1 ? null : `c${i}` })),
  pageParams: lists.map(() => null),
});
const ids = (data: TaskPages | undefined) => data?.pages.map((page) => page.items.map((t) => t.id));
const created = (id: number, fields: Partial<Task> = {}) => task({ id, created_at: `2026-03-02T09:15:${String(id).padStart(2, '0')}Z`, ...fields });

let cache: QueryClient;
const list = (filter: object, data: TaskPages) => cache.setQueryData(keys.tasks.list(filter), data);
const shown = (filter: object) => ids(cache.getQueryData<TaskPages>(keys.tasks.list(filter)));

beforeEach(() => {
  cache = new QueryClient();
});

describe('withTask', () => {
  it('puts a new task where its age says, and leaves one below the loaded pages to its page', () => {
    const data = pages([created(30), created(20)]);
    expect(ids(withTask(data, created(25), true))).toEqual([[30, 25, 20]]);
    expect(ids(withTask(data, created(10), true))).toEqual([[30, 20, 10]]);
    const more: TaskPages = { ...data, pages: data.pages.map((page) => ({ ...page, next: 'c' })) };
    expect(withTask(more, created(10), true)).toBe(more);
  });
});

describe('putTask', () => {
  it('moves a task from the list of its old status to that of the new one', () => {
    list({ status: 'open' }, pages([created(30), created(20)]));
    list({ status: 'completed' }, pages([created(25)]));
    putTask(cache, created(30, { status: 'completed' }));
    expect(shown({ status: 'open' })).toEqual([[20]]);
    expect(shown({ status: 'completed' })).toEqual([[30, 25]]);
  });

  it('leaves a search to the server: what is in stays in, what is new is asked for', () => {
    list({ status: 'open', q: 'receipt' }, pages([created(30)]));
    putTask(cache, created(31));
    expect(shown({ status: 'open', q: 'receipt' })).toEqual([[30]]);
    expect(cache.getQueryState(keys.tasks.list({ status: 'open', q: 'receipt' }))?.isInvalidated).toBe(true);
  });
});

describe('applyChanges', () => {
  it('shows all at once, keeps what the server took and takes back what it refused', async () => {
    const [a, b] = [created(30), created(20, { priority: 'low' })];
    list({ status: 'open' }, pages([a, b]));
    list({ status: 'completed' }, pages([]));
    let seen: unknown;
    server.use(
      http.patch('*/api/tasks/30', async ({ request }) => {
        seen = shown({ status: 'open' });
        const patch = (await request.json()) as TaskUpdate;
        return HttpResponse.json({ ...a, ...patch, updated_at: '2026-03-02T10:00:00Z' });
      }),
      http.patch('*/api/tasks/20', () => HttpResponse.json({ detail: 'The database cannot take it now' }, { status: 503, headers: { 'Retry-After': '1' } })),
    );
    const failures = await applyChanges(cache, [
      { task: a, patch: { status: 'completed' } },
      { task: b, patch: { status: 'completed' } },
    ]);
    expect(seen).toEqual([[]]);
    expect(shown({ status: 'completed' })).toEqual([[30]]);
    expect(shown({ status: 'open' })).toEqual([[20]]);
    expect(failures.map(({ task: t, error }) => [t.id, (error as Error).message])).toEqual([[20, 'The database cannot take it now']]);
  });

  it('has an inverse that brings back the fields that were changed, null included', () => {
    expect(inverse(created(1, { assignee: null, labels: ['a'] }), { assignee: 'Priya', labels: [] })).toEqual({ assignee: null, labels: ['a'] });
  });
});

describe('tasksLive', () => {
  it('takes in what others made and changed, and nothing that is older than what is shown', () => {
    list({ status: 'open' }, pages([created(30, { title: 'newer', updated_at: '2026-03-02T12:00:00Z' })]));
    const frame = { seq: 1, ts: '2026-03-02T09:15:00Z' };
    tasksLive.task_created?.([{ ...frame, type: 'task_created', data: created(31) }], cache);
    tasksLive.task_updated?.([{ ...frame, type: 'task_updated', data: { ...created(30, { title: 'older', updated_at: '2026-03-02T11:00:00Z' }), changed: ['title'] } }], cache);
    expect(shown({ status: 'open' })).toEqual([[31, 30]]);
    expect(findTask(cache, 30)?.title).toBe('newer');
  });
});

describe('the filter of tasks', () => {
  it('is read from the address, without what the API would refuse', () => {
    expect(parseTaskFilter(new URLSearchParams('status=open&priority=urgent&category=bug&assignee=%20none&due=month&q=%20x%20&task=7'))).toEqual({ status: 'open', category: 'bug', assignee: 'none', q: 'x' });
  });

  // As the server answers: services/api/tasks_due_test.go.
  it('tells what is overdue, due within the week or never, and whose it is, as the server does', () => {
    const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const tasks = [
      task({ id: 1, assignee: 'Олена Ковтун', due_at: inDays(-0.1) }),
      task({ id: 2, assignee: 'Олена Ковтун', due_at: inDays(-0.1), status: 'completed' }),
      task({ id: 3, due_at: inDays(-0.1), status: 'cancelled' }),
      task({ id: 4, assignee: 'None', due_at: inDays(-0.1), status: 'in_progress' }),
      task({ id: 5, assignee: 'Олена', due_at: inDays(5.9) }),
      task({ id: 6, due_at: inDays(8) }),
      task({ id: 7, assignee: 'Олена' }),
      task({ id: 8, status: 'completed' }),
    ];
    const cases: [TaskFilter, number[]][] = [
      [{ due: 'overdue' }, [1, 4]],
      [{ due: 'week' }, [5]],
      [{ due: 'later' }, [6]],
      [{ due: 'none' }, [7]],
      [{ assignee: 'олена' }, [5, 7]],
      [{ assignee: 'олена КОВТУН' }, [1, 2]],
      [{ assignee: 'none' }, [3, 6, 8]],
      [{ assignee: 'None' }, [4]],
      [{ assignee: 'none', due: 'overdue' }, []],
      [{ assignee: 'ОЛЕНА', due: 'none' }, [7]],
    ];
    for (const [filter, want] of cases) expect([filter, tasks.filter((t) => matchesTask(filter, t) === true).map(({ id }) => id)]).toEqual([filter, want]);
    expect(matchesTask({ assignee: 'οδοσ' }, task({ assignee: 'ΟΔΟΣ' }))).toBe(true); // whole words have another last letter
  });

  it('takes a task out of the list of what is overdue when it is done or put off', () => {
    const due_at = new Date(Date.now() - 60_000).toISOString();
    list({ due: 'overdue' }, pages([created(30, { due_at }), created(20, { due_at })]));
    putTask(cache, created(30, { due_at, status: 'completed' }));
    putTask(cache, created(20, { due_at: new Date(Date.now() + 3_600_000).toISOString() }));
    putTask(cache, created(25, { due_at }));
    expect(shown({ due: 'overdue' })).toEqual([[25]]);
  });
});
