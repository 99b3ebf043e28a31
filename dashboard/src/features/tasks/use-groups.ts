import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { statsQuery } from '@/data/insight';
import { useInfiniteQueries } from '@/data/infinite-queries';
import { DUES, NOBODY, type TaskFilter } from '@/data/tasks/filter';
import { taskCountsQuery, tasksQuery } from '@/data/tasks/queries';
import type { Stats, Task } from '@/lib/api';
import { GROUP_FIELDS, type GroupField } from '@/lib/preferences';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';

/** Fields whose values are few; those of the others are the server's to name. */
const VALUES: Partial<Record<GroupField, readonly string[]>> = { status: STATUSES, priority: PRIORITIES, category: CATEGORIES, due: DUES };

export interface Group {
  field: GroupField;
  /** Of the field, as its filter has it; the same for all its tasks. */
  value: string;
  /** Of a chat, where it is known. */
  name: string | null;
  /** No two groups share one, of whatever fields. */
  key: string;
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

export interface Groups {
  groups: readonly Group[];
  /** The values are not known yet, or cannot be had. */
  isPending: boolean;
  error: unknown;
  retry: () => void;
}

/** No status, priority and category is called as another; those of the others have their field before them. */
const keyOf = (field: GroupField, value: string) => (field === 'assignee' || field === 'chat_id' || field === 'due' ? `${field}:${encodeURIComponent(value)}` : value);

function statsOf(stats: Stats, field: GroupField): Partial<Record<string, number>> | undefined {
  return field === 'status' ? stats.by_status : field === 'priority' ? stats.priorities : field === 'category' ? stats.categories : undefined;
}

interface Wanted {
  filter: TaskFilter;
  field: GroupField;
  /** Those whose tasks are not shown, and so not asked for. */
  closed: ReadonlySet<string>;
  /** There may be many: each is asked for when somebody calls its loadMore, and those without tasks are left out. */
  many: boolean;
}

/** The tasks of each value of a field as a list of its own, each paged by itself. */
export function useGroups({ filter, field, closed, many }: Wanted): Groups {
  const { data: stats } = useQuery(statsQuery);
  const { [field]: own, ...narrower } = filter;
  const told = useQuery({ ...taskCountsQuery(field, filter), enabled: many || field === 'due' });
  const counts = told.data ? Object.fromEntries(told.data.map(({ value, count }) => [value, count])) : Object.keys(narrower).length === 0 && stats ? statsOf(stats, field) : undefined;
  const names = new Map(told.data?.map(({ value, name }) => [value, name]));
  const values = many ? inOrder(field, told.data?.map(({ value }) => value) ?? [], (value) => names.get(value) ?? value) : (VALUES[field] ?? []).filter((value) => !own || own === value);

  const [awake, setAwake] = useState<ReadonlySet<string>>(new Set());
  const asleep = (key: string) => many && !awake.has(key);
  const queries = useInfiniteQueries(values.map((value) => ({ ...tasksQuery({ ...filter, [field]: value }), enabled: !closed.has(keyOf(field, value)) && !asleep(keyOf(field, value)) })));
  const groups = values.flatMap((value, i): Group[] => {
    const query = queries[i];
    if (!query) return [];
    const key = keyOf(field, value);
    const tasks = query.data?.pages.flatMap((page) => page.items) ?? [];
    const whole = query.isSuccess && !query.hasNextPage;
    return [
      {
        field,
        value,
        name: names.get(value) ?? null,
        key,
        tasks,
        count: whole ? tasks.length : Math.max(counts?.[value] ?? 0, tasks.length),
        exact: whole || counts !== undefined,
        isPending: query.isPending,
        error: query.isError && tasks.length === 0 ? query.error : null,
        hasMore: asleep(key) || query.hasNextPage,
        isLoadingMore: query.isFetchingNextPage,
        loadMore: () => {
          if (asleep(key)) setAwake((before) => new Set(before).add(key));
          else if (query.hasNextPage && !query.isFetchingNextPage) void query.fetchNextPage();
        },
        retry: () => void query.refetch(),
      },
    ];
  });
  return { groups, isPending: many && told.isPending, error: many && !told.data ? told.error : null, retry: () => void told.refetch() };
}

/** In an order that does not change with every task: as the field has it, names by the alphabet and nobody last. */
function inOrder(field: GroupField, values: readonly string[], nameOf: (value: string) => string): readonly string[] {
  const fixed = VALUES[field];
  if (fixed) return fixed.filter((value) => values.includes(value));
  return [...values].sort((a, b) => Number(a === NOBODY) - Number(b === NOBODY) || nameOf(a).localeCompare(nameOf(b)) || a.localeCompare(b));
}

/** The keys of the groups that are closed; one that the filter asks for is open. */
export function closedKeys(text: string, filter: TaskFilter): ReadonlySet<string> {
  const closed = new Set(text.split(',').filter(Boolean));
  for (const field of GROUP_FIELDS) {
    const value = filter[field];
    if (value) closed.delete(keyOf(field, value));
  }
  return closed;
}
