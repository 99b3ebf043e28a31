import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import { api, unwrap, unwrapPage } from '@/lib/api';
import { timeZone } from '@/lib/format';
import type { GroupField } from '@/lib/preferences';
import { keys } from '@/lib/query-keys';

import type { TaskFilter } from './filter';

const PAGE = 100;

export const tasksQuery = (filter: TaskFilter) =>
  infiniteQueryOptions({
    queryKey: keys.tasks.list(filter),
    queryFn: ({ pageParam, signal }) =>
      unwrapPage(api.GET('/api/tasks', { params: { query: { ...filter, tz: timeZone(), limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 60_000,
    // Nobody says that a task became overdue: time alone makes it so.
    refetchInterval: filter.due ? 60_000 : false,
  });

/** How many tasks that pass a filter have each value of a field. */
export const taskCountsQuery = (by: GroupField, filter: TaskFilter) =>
  queryOptions({
    queryKey: keys.tasks.counts(by, filter),
    queryFn: ({ signal }) => unwrap(api.GET('/api/tasks/counts', { params: { query: { ...filter, by, tz: timeZone() } }, signal })),
    staleTime: 60_000,
    refetchInterval: by === 'due' || filter.due ? 60_000 : false,
  });

export const taskQuery = (id: number) =>
  queryOptions({
    queryKey: keys.tasks.detail(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/tasks/{id}', { params: { path: { id } }, signal })),
  });

/** Every change of a task, newest first: 500 at most, which is more than a person reads. */
export const taskHistoryQuery = (id: number) =>
  queryOptions({
    queryKey: keys.tasks.history(id),
    queryFn: ({ signal }) => unwrapPage(api.GET('/api/tasks/{id}/history', { params: { path: { id }, query: { limit: 200 } }, signal })),
  });
