import { queryOptions } from '@tanstack/react-query';

import type { components } from '@/api/schema';
import type { DeadLetterFilter } from '@/data/operations';
import { api, unwrap } from '@/lib/api';

export interface Counted {
  matched: number;
  replayable: number;
  replayed: number;
  upTo: number;
  stoppedBy: string | null;
}

/** Asks page by page until all were looked at, up to what there was at the first: what fails again is not tried again. */
export async function replay(filter: DeadLetterFilter, dryRun: boolean, upTo: number | null, onProgress: (replayed: number) => void): Promise<Counted> {
  const sum: Counted = { matched: 0, replayable: 0, replayed: 0, upTo: upTo ?? 0, stoppedBy: null };
  let after: number | null = null;
  do {
    const body: components['schemas']['DeadLettersReplay'] = { ...filter, dry_run: dryRun, ...(after === null ? {} : { after }), ...(sum.upTo > 0 ? { up_to: sum.upTo } : {}) };
    const part: components['schemas']['DeadLettersReplayed'] = await unwrap(api.POST('/api/dead-letters/replay', { body }));
    sum.matched += part.matched;
    sum.replayable += part.replayable;
    sum.replayed += part.replayed;
    sum.upTo ||= part.up_to;
    sum.stoppedBy = part.stopped_by;
    after = part.next_after;
    onProgress(sum.replayed);
  } while (after !== null && sum.stoppedBy === null);
  return sum;
}

/** What a replay of all that match would do. */
export const rehearsalQuery = (filter: DeadLetterFilter) =>
  queryOptions({
    // Apart from the lists: it is not to run again when they are read anew.
    queryKey: ['rehearsal', filter],
    queryFn: () => replay(filter, true, null, () => undefined),
    staleTime: 0,
    gcTime: 0,
  });
