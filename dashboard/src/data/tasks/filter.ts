import type { Task, TaskCategory, TaskPriority, TaskStatus } from '@/lib/api';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';
import { oneOf } from '@/lib/url-state';

/** As the API's parameters are called; absent fields filter nothing. */
export interface TaskFilter {
  status?: TaskStatus;
  category?: TaskCategory;
  priority?: TaskPriority;
  source?: string;
  q?: string;
}

export function parseTaskFilter(parameters: URLSearchParams): TaskFilter {
  const text = (name: string, most: number) => parameters.get(name)?.trim().slice(0, most) || undefined;
  const filter = {
    status: oneOf<TaskStatus>(parameters.get('status'), STATUSES),
    category: oneOf<TaskCategory>(parameters.get('category'), CATEGORIES),
    priority: oneOf<TaskPriority>(parameters.get('priority'), PRIORITIES),
    source: text('source', 200),
    q: text('q', 500),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as TaskFilter;
}

/** Whether a task passes the filter; `ask` where only the server's full-text search can say. */
export function matchesTask(filter: TaskFilter, task: Task): boolean | 'ask' {
  if (filter.status && filter.status !== task.status) return false;
  if (filter.category && filter.category !== task.category) return false;
  if (filter.priority && filter.priority !== task.priority) return false;
  if (filter.source && filter.source.toLowerCase() !== task.source.toLowerCase()) return false;
  return filter.q ? 'ask' : true;
}
