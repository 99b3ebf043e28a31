import { useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { statsQuery } from '@/data/insight';
import type { TaskFilter } from '@/data/tasks/filter';
import { tasksQuery } from '@/data/tasks/queries';
import type { Task, TaskStatus } from '@/lib/api';
import { STATUSES } from '@/lib/task-values';

export interface Group {
  status: TaskStatus;
  tasks: readonly Task[];
  /** How many there are: exact where the server counts them, else at least those that are loaded. */
  count: number;
  exact: boolean;
  isPending: boolean;
  error: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  retry: () => void;
}

/** The tasks of each status as a list of its own, each paged by itself. Those that are closed are not asked for. */
export function useGroups(filter: TaskFilter, closed: ReadonlySet<TaskStatus>): Group[] {
  const { data: stats } = useQuery(statsQuery);
  const { status: _status, ...narrower } = filter;
  const counted = Object.keys(narrower).length === 0;
  const groups: Group[] = [];
  for (const status of STATUSES) {
    const wanted = !filter.status || filter.status === status;
    // The order and number of statuses never change, so neither do those of the hooks.
    const query = useInfiniteQuery({ ...tasksQuery({ ...filter, status }), enabled: wanted && !closed.has(status) });
    if (!wanted) continue;
    const tasks = query.data?.pages.flatMap((page) => page.items) ?? [];
    const exact = !query.hasNextPage && query.isSuccess;
    groups.push({
      status,
      tasks,
      count: exact ? tasks.length : counted && stats ? Math.max(stats.by_status[status], tasks.length) : tasks.length,
      exact: exact || (counted && stats !== undefined),
      isPending: query.isPending,
      error: query.isError && tasks.length === 0 ? query.error : null,
      hasMore: query.hasNextPage,
      isLoadingMore: query.isFetchingNextPage,
      loadMore: () => {
        if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
      },
      retry: () => void query.refetch(),
    });
  }
  return groups;
}
