import { queryOptions, type QueryClient } from '@tanstack/react-query';

import { api, unwrap } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { LiveHandlers } from '@/live/live';

/** Figures about all tasks. Read anew when the socket says that they changed. */
export const statsQuery = queryOptions({
  queryKey: keys.stats,
  queryFn: ({ signal }) => unwrap(api.GET('/api/stats', { signal })),
});

/** A burst of changes is one reading. */
const rereadStats = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: keys.stats }), 1000));

export const insightLive: LiveHandlers = {
  stats_updated: (_frames, cache) => rereadStats(cache)(),
};
