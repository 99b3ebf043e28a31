/**
 * Every key of the query cache, in one place, so that what the socket says can be told to whoever shows it.
 * The first part names the thing; invalidate by that.
 */
export const keys = {
  messages: {
    all: ['messages'] as const,
    list: (filter: object) => ['messages', 'list', filter] as const,
    filters: ['messages', 'filters'] as const,
    detail: (id: number) => ['messages', 'detail', id] as const,
    around: (chat: string, day: string) => ['messages', 'around', chat, day] as const,
  },
  tasks: {
    all: ['tasks'] as const,
    lists: ['tasks', 'list'] as const,
    list: (filter: object) => ['tasks', 'list', filter] as const,
    allCounts: ['tasks', 'counts'] as const,
    counts: (by: string, filter: object) => ['tasks', 'counts', by, filter] as const,
    detail: (id: number) => ['tasks', 'detail', id] as const,
    history: (id: number) => ['tasks', 'history', id] as const,
  },
  links: {
    all: ['links'] as const,
    open: ['links', 'open'] as const,
    ofTask: (id: number) => ['links', 'task', id] as const,
  },
  proposals: ['proposals'] as const,
  analysis: {
    all: ['analysis'] as const,
    runs: ['analysis', 'runs'] as const,
    run: (id: number) => ['analysis', 'run', id] as const,
    schedule: ['analysis', 'schedule'] as const,
    /** What frames say of a run; outside of `all`, for there is nothing to read anew. */
    progress: (id: number) => ['analysis-progress', id] as const,
  },
  stats: ['stats'] as const,
  taskFlow: (parameters: object) => ['task-flow', parameters] as const,
  overview: (parameters: object) => ['overview', parameters] as const,
  activity: (parameters: object) => ['activity', parameters] as const,
  quality: (...what: (string | object)[]) => ['quality', ...what] as const,
  health: ['health'] as const,
  settings: ['settings'] as const,
  pipeline: ['pipeline'] as const,
  deadLetters: {
    all: ['dead-letters'] as const,
    list: (filter: object) => ['dead-letters', 'list', filter] as const,
    kinds: ['dead-letters', 'kinds'] as const,
  },
};
