import type { TaskCategory, TaskPriority, TaskStatus } from './api';

/** In the order of the work; lists, boards and pickers keep it. */
export const STATUSES = ['open', 'pending', 'in_progress', 'completed', 'cancelled'] as const satisfies readonly TaskStatus[];
/** What matters most first. */
export const PRIORITIES = ['critical', 'high', 'medium', 'low'] as const satisfies readonly TaskPriority[];
export const CATEGORIES = ['bug', 'feature', 'improvement', 'question', 'chore', 'summary'] as const satisfies readonly TaskCategory[];
/** Of what is to be done; a summary is not. */
export const KINDS = ['bug', 'feature', 'improvement', 'question', 'chore'] as const satisfies readonly TaskCategory[];
export type Kind = (typeof KINDS)[number];
