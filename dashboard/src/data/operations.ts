import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';

import type { components } from '@/api/schema';
import { api, unwrap, unwrapPage } from '@/lib/api';
import { keys } from '@/lib/query-keys';

export type Health = components['schemas']['Health'];
export type DeadLetter = components['schemas']['DeadLetter'];

/** An unhealthy product answers 503 and says in the body which part is down: that is an answer, no error. */
export const healthQuery = queryOptions({
  queryKey: keys.health,
  queryFn: ({ signal }): Promise<Health> =>
    unwrap(
      api.GET('/api/health', { signal }).then(({ data, error, response }) => {
        const body = data ?? (error && typeof error === 'object' && 'components' in error ? (error as Health) : undefined);
        return body ? { data: body, response: new Response() } : { error, response };
      }),
    ),
  staleTime: 5_000,
  retry: false,
});

const PAGE = 50;

/** As the API's parameters are called; absent fields filter nothing. */
export interface DeadLetterFilter {
  stream?: string;
  kind?: string;
  q?: string;
  /** What has one of these clauses matches as if `q` were in it. */
  clause?: string[];
}

/** What failed for good, newest first. No event tells of them: the page reads anew when asked and after each act. */
export const deadLettersQuery = (filter: DeadLetterFilter) =>
  infiniteQueryOptions({
    queryKey: keys.deadLetters.list(filter),
    queryFn: ({ pageParam, signal }) =>
      unwrapPage(api.GET('/api/dead-letters', { params: { query: { ...filter, limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 10_000,
  });

/** How many there are of each stream and kind. */
export const deadLetterKindsQuery = queryOptions({
  queryKey: keys.deadLetters.kinds,
  queryFn: ({ signal }) => unwrap(api.GET('/api/dead-letters/kinds', { signal })),
  staleTime: 10_000,
});

/** All of them; undefined while that is not known. */
export const sumOfKinds = (kinds: readonly { count: number }[] | undefined) => kinds?.reduce((sum, { count }) => sum + count, 0);

export type Pipeline = components['schemas']['Pipeline'];

/** What waits in the broker and the database at this moment. */
export const pipelineQuery = queryOptions({
  queryKey: keys.pipeline,
  queryFn: ({ signal }) => unwrap(api.GET('/api/pipeline', { signal })),
  staleTime: 2_000,
  retry: false,
});
