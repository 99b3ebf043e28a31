import { queryOptions, type QueryClient } from '@tanstack/react-query';

import { api, unwrap } from '@/lib/api';
import { timeZone } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { LiveHandlers } from '@/live/live';

/** Figures about all tasks. Read anew when the socket says that they changed. */
export const statsQuery = queryOptions({
  queryKey: keys.stats,
  queryFn: ({ signal }) => unwrap(api.GET('/api/stats', { signal })),
});

/** Tasks created against closed on each of these days (YYYY-MM-DD), days of the reader's zone. */
export const taskFlowQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: keys.taskFlow({ from, to, tz: timeZone() }),
    queryFn: ({ signal }) => unwrap(api.GET('/api/task-flow', { params: { query: { date_from: from, date_to: to, tz: timeZone() } }, signal })),
  });

/** Figures of these days, days of the reader's zone, beside those of as many days before. */
export const overviewQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: keys.overview({ from, to, tz: timeZone() }),
    queryFn: ({ signal }) => unwrap(api.GET('/api/overview', { params: { query: { date_from: from, date_to: to, tz: timeZone() } }, signal })),
  });

/** A burst of changes is one reading. */
const rereadStats = perKey((cache: QueryClient) =>
  throttle(() => {
    void cache.invalidateQueries({ queryKey: keys.stats });
    void cache.invalidateQueries({ queryKey: keys.tasks.allCounts });
    void cache.invalidateQueries({ queryKey: ['task-flow'] });
    void cache.invalidateQueries({ queryKey: ['overview'] });
  }, 1000),
);

export const insightLive: LiveHandlers = {
  stats_updated: (_frames, cache) => rereadStats(cache)(),
};
