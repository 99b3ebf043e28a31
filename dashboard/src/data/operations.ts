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

/** What failed for good, newest first. No event tells of them: the page reads anew when asked and after each act. */
export const deadLettersQuery = infiniteQueryOptions({
  queryKey: keys.deadLetters,
  queryFn: ({ pageParam, signal }) =>
    unwrapPage(api.GET('/api/dead-letters', { params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
  staleTime: 10_000,
});
