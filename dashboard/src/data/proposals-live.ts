import type { QueryClient } from '@tanstack/react-query';

import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { LiveHandlers } from '@/live/live';

/** A burst of changes is one reading. */
const reread = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: keys.proposals }), 1000));

export const proposalsLive: LiveHandlers = {
  proposal_created: (_frames, cache) => reread(cache)(),
  proposal_updated: (_frames, cache) => reread(cache)(),
};
