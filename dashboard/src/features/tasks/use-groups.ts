import { useInfiniteQuery, useQuery } from '@tanstack/react-query';

import { statsQuery } from '@/data/insight';
import type { TaskFilter } from '@/data/tasks/filter';
import { tasksQuery } from '@/data/tasks/queries';
import type { Stats, Task } from '@/lib/api';
import type { GroupField } from '@/lib/preferences';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';

/** What tasks may be grouped by: fields whose values are few and which the server filters and counts. */
const VALUES = { status: STATUSES, priority: PRIORITIES, category: CATEGORIES } as const satisfies Record<GroupField, readonly string[]>;
export type GroupValue = (typeof VALUES)[GroupField][number];
/** Of the field that has the most values. */
const MOST = CATEGORIES.length;

export interface Group {
  field: GroupField;
  /** Of the field, the same for all its tasks. No two fields share one. */
  value: GroupValue;
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

function counts(stats: Stats, field: GroupField): Partial<Record<string, number>> {
  return field === 'status' ? stats.by_status : field === 'priority' ? stats.priorities : stats.categories;
}

/** The tasks of each value of a field as a list of its own, each paged by itself. Those that are closed are not asked for. */
export function useGroups(filter: TaskFilter, closed: ReadonlySet<GroupValue>, field: GroupField): Group[] {
  const { data: stats } = useQuery(statsQuery);
  const { [field]: own, ...narrower } = filter;
  const counted = Object.keys(narrower).length === 0;
  const groups: Group[] = [];
  // As many hooks whatever the field.
  for (let i = 0; i < MOST; i++) {
    const value = VALUES[field][i];
    const wanted = value !== undefined && (!own || own === value);
    const query = useInfiniteQuery({ ...tasksQuery({ ...filter, [field]: value }), enabled: wanted && !closed.has(value) });
    if (!wanted) continue;
    const tasks = query.data?.pages.flatMap((page) => page.items) ?? [];
    const exact = !query.hasNextPage && query.isSuccess;
    groups.push({
      field,
      value,
      tasks,
      count: exact ? tasks.length : counted && stats ? Math.max(counts(stats, field)[value] ?? 0, tasks.length) : tasks.length,
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

/** The groups whose tasks are not shown, as the preference names them. */
export function closedValues(text: string, filter: TaskFilter): ReadonlySet<GroupValue> {
  const named = text.split(',');
  const chosen: (string | undefined)[] = [filter.status, filter.priority, filter.category];
  return new Set(Object.values(VALUES).flatMap((values: readonly GroupValue[]) => values.filter((value) => named.includes(value) && !chosen.includes(value))));
}
