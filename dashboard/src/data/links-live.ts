import type { QueryClient } from '@tanstack/react-query';

import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { LiveHandlers } from '@/live/live';

/** A burst of changes is one reading. */
const reread = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: keys.links.all }), 1000));

export const linksLive: LiveHandlers = {
  task_created: (_frames, cache) => reread(cache)(),
  task_updated: (_frames, cache) => reread(cache)(),
  proposal_created: (_frames, cache) => reread(cache)(),
  proposal_updated: (_frames, cache) => reread(cache)(),
};
