import type { Task, TaskCategory, TaskPriority, TaskStatus } from '@/lib/api';
import { isoDay } from '@/lib/format';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';
import { day, oneOf } from '@/lib/url-state';

/** When what is open is due; `week` is from now until the end of the sixth day after today, `later` after that. */
export const DUES = ['overdue', 'week', 'later', 'none'] as const;
export type Due = (typeof DUES)[number];
/** The assignee of what nobody has, and the chat of what no message led to. A person of that name is found with a capital letter. */
export const NOBODY = 'none';

/** As the API's parameters are called; absent fields filter nothing. */
export interface TaskFilter {
  status?: TaskStatus;
  category?: TaskCategory;
  priority?: TaskPriority;
  source?: string;
  /** A name, or NOBODY. */
  assignee?: string;
  /** The chat of the first message that led to it, or NOBODY. */
  chat_id?: string;
  due?: Due;
  /** Days, YYYY-MM-DD, both ends included. */
  created_from?: string;
  created_to?: string;
  closed_from?: string;
  closed_to?: string;
  q?: string;
}

export const DAYS = ['created_from', 'created_to', 'closed_from', 'closed_to'] as const;

export function parseTaskFilter(parameters: URLSearchParams): TaskFilter {
  const text = (name: string, most: number) => parameters.get(name)?.trim().slice(0, most) || undefined;
  const filter = {
    status: oneOf<TaskStatus>(parameters.get('status'), STATUSES),
    category: oneOf<TaskCategory>(parameters.get('category'), CATEGORIES),
    priority: oneOf<TaskPriority>(parameters.get('priority'), PRIORITIES),
    source: text('source', 200),
    assignee: text('assignee', 200),
    chat_id: text('chat_id', 255),
    due: oneOf<Due>(parameters.get('due'), DUES),
    ...span(parameters, 'created'),
    ...span(parameters, 'closed'),
    q: text('q', 500),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as TaskFilter;
}

/** Days in the wrong order would be refused. */
function span(parameters: URLSearchParams, name: 'created' | 'closed') {
  const days = [day(parameters.get(`${name}_from`)), day(parameters.get(`${name}_to`))];
  const [from, to] = days[0] && days[1] ? days.sort() : days;
  return { [`${name}_from`]: from, [`${name}_to`]: to };
}

/** Whether the server alone knows what belongs: its search, and when a task was closed. */
export const asksServer = (filter: TaskFilter) => Boolean(filter.q || filter.closed_from || filter.closed_to);

/** Whether a task passes the filter; `ask` where only the server can say. */
export function matchesTask(filter: TaskFilter, task: Task): boolean | 'ask' {
  if (filter.status && filter.status !== task.status) return false;
  if (filter.category && filter.category !== task.category) return false;
  if (filter.priority && filter.priority !== task.priority) return false;
  if (filter.source && filter.source.toLowerCase() !== task.source.toLowerCase()) return false;
  if (filter.assignee && !hasAssignee(filter.assignee, task.assignee)) return false;
  if (filter.chat_id && filter.chat_id !== (task.chat_id ?? NOBODY)) return false;
  if (filter.due && !isDue(filter.due, task, new Date())) return false;
  const created = isoDay(new Date(task.created_at));
  if (filter.created_from && created < filter.created_from) return false;
  if (filter.created_to && created > filter.created_to) return false;
  if ((filter.closed_from || filter.closed_to) && !isClosed(task)) return false;
  return asksServer(filter) ? 'ask' : true;
}

const isClosed = ({ status }: Task) => status === 'completed' || status === 'cancelled';

/** Letter by letter, as the database does it: a whole word has rules of its own in some languages. */
const lower = (text: string) => Array.from(text, (letter) => Array.from(letter.toLowerCase())[0]).join('');

const hasAssignee = (wanted: string, assignee: string | null) => (wanted === NOBODY ? assignee === null : assignee !== null && lower(assignee) === lower(wanted));

function isDue(due: Due, task: Task, now: Date): boolean {
  if (isClosed(task)) return false;
  if (due === 'none' || task.due_at === null) return due === 'none' && task.due_at === null;
  const at = Date.parse(task.due_at);
  if (due === 'overdue') return at < now.getTime();
  const weekEnds = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 7).getTime();
  return due === 'later' ? at >= weekEnds : at >= now.getTime() && at < weekEnds;
}
