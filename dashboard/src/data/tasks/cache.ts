import type { InfiniteData, QueryClient } from '@tanstack/react-query';

import type { Page, Task } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';

import { asksServer, matchesTask, type TaskFilter } from './filter';

export type TaskPages = InfiniteData<Page<Task>, string | null>;

const rereadSearches = perKey((cache: QueryClient) =>
  throttle(
    () => void cache.invalidateQueries({ queryKey: keys.tasks.lists, predicate: ({ queryKey }) => asksServer(queryKey[2] as TaskFilter) }),
    1500,
  ),
);

/** Newest first, as the API lists. */
function newestFirst(a: Task, b: Task): number {
  if (a.created_at !== b.created_at) return a.created_at > b.created_at ? -1 : 1;
  return b.id - a.id;
}

/** The pages with the task where it belongs now: in its place, new at its place, or taken out. */
export function withTask(pages: TaskPages, task: Task, belongs: boolean): TaskPages {
  const has = pages.pages.some((page) => page.items.some((t) => t.id === task.id));
  if (!has && !belongs) return pages;
  if (has) {
    return {
      ...pages,
      pages: pages.pages.map((page) => {
        if (!page.items.some((t) => t.id === task.id)) return page;
        const items = belongs ? page.items.map((t) => (t.id === task.id ? task : t)) : page.items.filter((t) => t.id !== task.id);
        return { ...page, items };
      }),
    };
  }
  for (const [i, page] of pages.pages.entries()) {
    const at = page.items.findIndex((t) => newestFirst(task, t) < 0);
    const isLast = i === pages.pages.length - 1;
    if (at < 0 && !(isLast && page.next === null)) continue; // it belongs to a page further down
    const items = [...page.items];
    items.splice(at < 0 ? items.length : at, 0, task);
    return { ...pages, pages: pages.pages.with(i, { ...page, items }) };
  }
  return pages;
}

/** Puts the task as it is now into everything that shows it. */
export function putTask(cache: QueryClient, task: Task): void {
  for (const [queryKey, pages] of cache.getQueriesData<TaskPages>({ queryKey: keys.tasks.lists })) {
    if (!pages) continue;
    const verdict = matchesTask(queryKey[2] as TaskFilter, task);
    const has = pages.pages.some((page) => page.items.some((t) => t.id === task.id));
    if (verdict === 'ask' && !has) rereadSearches(cache)();
    const next = withTask(pages, task, verdict === 'ask' ? has : verdict);
    if (next !== pages) cache.setQueryData(queryKey, next);
  }
  const detail = keys.tasks.detail(task.id);
  if (cache.getQueryData(detail)) cache.setQueryData(detail, task);
}

/** The task as the cache has it, newest version first. */
export function findTask(cache: QueryClient, id: number): Task | undefined {
  const detail = cache.getQueryData<Task>(keys.tasks.detail(id));
  if (detail) return detail;
  for (const [, pages] of cache.getQueriesData<TaskPages>({ queryKey: keys.tasks.lists })) {
    for (const page of pages?.pages ?? []) {
      const found = page.items.find((t) => t.id === id);
      if (found) return found;
    }
  }
  return undefined;
}
