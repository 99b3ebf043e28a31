import { infiniteQueryOptions, queryOptions, type QueryClient } from '@tanstack/react-query';

import type { components, operations } from '@/api/schema';
import { api, unwrap, unwrapPage } from '@/lib/api';
import { timeZone } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { LiveHandlers } from '@/live/live';

type Schemas = components['schemas'];
export type AIQuality = Schemas['AIQuality'];
export type AIVersion = Schemas['AIVersion'];
export type AIDecision = Schemas['AIDecision'];
export type AIOutcome = Schemas['AIOutcome'];

/** Days (YYYY-MM-DD) of the reader's zone, both whole; of all chats where none is named. */
export interface Span {
  from: string;
  to: string;
  chat_id: string | undefined;
}

export type DecisionFilter = Pick<NonNullable<operations['listAIDecisions']['parameters']['query']>, 'outcome' | 'reason' | 'right' | 'accepted' | 'version'>;

const query = ({ from, to, chat_id }: Span) => ({ date_from: from, date_to: to, tz: timeZone(), ...(chat_id ? { chat_id } : {}) });

/** How far the messages of these days got. */
export const funnelQuery = (span: Span) =>
  queryOptions({
    queryKey: keys.quality('funnel', query(span)),
    queryFn: ({ signal }) => unwrap(api.GET('/api/funnel', { params: { query: query(span) }, signal })),
  });

/** How long it took until people accepted what was proposed on these days, and until what was closed on them was closed. */
export const durationsQuery = (span: Span) =>
  queryOptions({
    queryKey: keys.quality('durations', query(span)),
    queryFn: ({ signal }) => unwrap(api.GET('/api/durations', { params: { query: query(span) }, signal })),
  });

/** What people thought of what the machine said on these days. */
export const qualityQuery = (span: Span) =>
  queryOptions({
    queryKey: keys.quality('ai', query(span)),
    queryFn: ({ signal }) => unwrap(api.GET('/api/ai/quality', { params: { query: query(span) }, signal })),
  });

/** The decisions behind a number of it, newest first. */
export const decisionsQuery = (span: Span, filter: DecisionFilter) =>
  infiniteQueryOptions({
    queryKey: keys.quality('decisions', { ...query(span), ...filter }),
    queryFn: ({ pageParam, signal }) => unwrapPage(api.GET('/api/ai/decisions', { params: { query: { ...query(span), ...filter, limit: 100, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

/** Messages, tasks and decisions move these numbers; a burst of them is one reading. */
const reread = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: keys.quality() }), 10_000));

/** For the page that shows them, with useLiveHandlers: nobody else needs it. */
export const qualityLive: LiveHandlers = {
  'message.updated': (_frames, cache) => reread(cache)(),
  task_updated: (_frames, cache) => reread(cache)(),
  proposal_created: (_frames, cache) => reread(cache)(),
  proposal_updated: (_frames, cache) => reread(cache)(),
};
