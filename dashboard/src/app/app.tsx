import type { QueryClient } from '@tanstack/react-query';
import type { ComponentProps } from 'react';
import { RouterProvider } from 'react-router/dom';

import type { Live } from '@/live/live';

import { Providers } from './providers';

interface AppProps {
  router: ComponentProps<typeof RouterProvider>['router'];
  cache: QueryClient;
  live: Live;
}

export function App({ router, cache, live }: AppProps) {
  return (
    <Providers cache={cache} live={live}>
      <RouterProvider router={router} />
    </Providers>
  );
}
