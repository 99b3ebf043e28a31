import { QueryClient } from '@tanstack/react-query';

import { ApiError } from './api';

/** Another try helps where nothing answered or the server cannot take it now, never where it refused. */
function shouldRetry(failures: number, error: Error): boolean {
  if (!(error instanceof ApiError)) return false;
  return failures < 2 && (error.status === 0 || error.status === 502 || error.status === 503);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // What is shown is kept right by the socket's events, and anew after a gap (src/live).
        staleTime: 30_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        retry: shouldRetry,
        retryDelay: (attempt, error) =>
          error instanceof ApiError && error.retryAfter ? Math.min(error.retryAfter, 10) * 1000 : Math.min(500 * 2 ** attempt, 5000),
        // Offline is ours to say (components/states): a query that cannot run shows an error, not a spinner.
        networkMode: 'always',
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
