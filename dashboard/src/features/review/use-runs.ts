import { useMemo, useState } from 'react';

import { useLiveHandlers, type LiveHandlers } from '@/live/live';

import type { Progress, Stage } from './run';

export interface Run {
  last: Progress;
  /** The stage in which it failed; undefined while it did not. */
  failedAt: Stage | undefined;
}

/** Runs that were heard of while the page is shown, by day: ours, and those that others started. */
export function useRuns(): { runs: ReadonlyMap<string, Run>; forget: (date: string) => void } {
  const [runs, setRuns] = useState<ReadonlyMap<string, Run>>(new Map());
  const handlers = useMemo<LiveHandlers>(
    () => ({
      analysis_progress: (frames) =>
        setRuns((before) => {
          const after = new Map(before);
          for (const { data } of frames) {
            if (data.run_id !== undefined) continue; // of a run over any time, not of a day's review
            const known = after.get(data.date);
            const stage = known && known.last.stage !== 'failed' ? known.last.stage : undefined;
            after.set(data.date, { last: data, failedAt: data.stage === 'failed' ? stage : undefined });
          }
          return after;
        }),
    }),
    [],
  );
  useLiveHandlers(handlers);
  const forget = (date: string) =>
    setRuns((before) => {
      const after = new Map(before);
      after.delete(date);
      return after;
    });
  return { runs, forget };
}
