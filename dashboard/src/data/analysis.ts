import { infiniteQueryOptions, queryOptions, useQuery, type InfiniteData, type QueryClient } from '@tanstack/react-query';

import type { components } from '@/api/schema';
import { api, unwrap, unwrapPage, type Page } from '@/lib/api';
import { timeZone } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { FrameOf } from '@/live/frames';
import type { LiveHandlers } from '@/live/live';

type Schemas = components['schemas'];

export type AnalysisRun = Schemas['AnalysisRun'];
export type AnalysisSummary = NonNullable<Schemas['AnalysisSummary']>;
export type AnalysisFinding = Schemas['AnalysisFinding'];
export type AnalysisTask = Schemas['AnalysisTask'];
export type AnalysisPost = Schemas['AnalysisPost'];
export type AnalysisPostTarget = Schemas['AnalysisPostTarget'];
export type AnalysisPostDraft = Schemas['AnalysisPostDraft'];
export type NewAnalysisRun = Schemas['NewAnalysisRun'];
export type Progress = FrameOf<'analysis_progress'>['data'];

const PAGE = 20;

export const runsQuery = infiniteQueryOptions({
  queryKey: keys.analysis.runs,
  queryFn: ({ pageParam, signal }) => unwrapPage(api.GET('/api/analysis-runs', { params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

export const runQuery = (id: number) =>
  queryOptions({
    queryKey: keys.analysis.run(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/analysis-runs/{id}', { params: { path: { id } }, signal })),
  });

export const scheduleQuery = queryOptions({
  queryKey: keys.analysis.schedule,
  queryFn: ({ signal }) => unwrap(api.GET('/api/analysis-schedule', { signal })),
});

/** The summary as a message for a chat; read anew each time that it is asked for. */
export const postDraftQuery = (id: number) =>
  queryOptions({
    queryKey: [...keys.analysis.run(id), 'post'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/analysis-runs/{id}/post', { params: { path: { id }, query: { tz: timeZone() } }, signal })),
    staleTime: Infinity, // what a person changes in it must not be replaced under their hands
    gcTime: 0,
  });

export const unfinished = ({ status }: Pick<AnalysisRun, 'status'>) => status === 'queued' || status === 'running';

/** What an answer says, or a frame: whichever is newer. A frame that was overtaken by the end of its run changes nothing. */
function advanced(run: AnalysisRun, { status, stage, processed, total }: Progress): AnalysisRun {
  if (!unfinished(run)) return run;
  return {
    ...run,
    status: status === 'queued' && run.status === 'running' ? run.status : (status ?? run.status),
    stage: status === 'queued' ? run.stage : stage === 'reading' ? 'reading' : stage === 'failed' ? run.stage : 'summarizing',
    processed: Math.max(run.processed, processed),
    messages: Math.max(run.messages, total),
  };
}

/** Puts a run that was answered into the list and beside it. */
export function putRun(cache: QueryClient, run: AnalysisRun): void {
  cache.setQueryData(keys.analysis.run(run.id), run);
  cache.setQueryData<InfiniteData<Page<AnalysisRun>, string | null>>(keys.analysis.runs, (data) => {
    if (!data) return data;
    const known = data.pages.some(({ items }) => items.some(({ id }) => id === run.id));
    const pages = data.pages.map((page, i) => ({
      ...page,
      items: known ? page.items.map((item) => (item.id === run.id ? run : item)) : i === 0 ? [run, ...page.items] : page.items,
    }));
    return { ...data, pages };
  });
}

const reread = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: keys.analysis.all }), 500));

export const analysisLive: LiveHandlers = {
  analysis_progress: (frames, cache) => {
    let ended = false;
    for (const { data } of frames) {
      if (data.run_id === undefined) continue; // of a day's review
      const id = data.run_id;
      cache.setQueryData(keys.analysis.progress(id), data);
      const listed = cache.getQueryData<InfiniteData<Page<AnalysisRun>, string | null>>(keys.analysis.runs)?.pages.flatMap(({ items }) => items).find((run) => run.id === id);
      const run = cache.getQueryData<AnalysisRun>(keys.analysis.run(id)) ?? listed;
      ended ||= !run || data.stage === 'done' || data.stage === 'failed';
      if (run && data.stage !== 'done' && data.stage !== 'failed') putRun(cache, advanced(run, data));
    }
    // What is new or has ended has more to it than a frame says.
    if (ended) reread(cache)();
  },
};

/** The last frame about a run; null before the first. */
export function useProgress(id: number): Progress | null {
  return useQuery<Progress | null>({ queryKey: keys.analysis.progress(id), queryFn: () => null, enabled: false, staleTime: Infinity }).data ?? null;
}
