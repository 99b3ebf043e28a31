import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { act } from 'react';
import { createMemoryRouter, RouterProvider, type RouteObject } from 'react-router';

import { Providers } from '@/app/providers';
import { routes } from '@/app/routes';
import { createQueryClient } from '@/lib/query-client';

import { FakeSocket } from './fake-socket';

/**
 * Shows the page at `path` as the application does: the real routes, a cache of its own, no retries, and a
 * connection that stands (`FakeSocket.last` plays the server).
 */
export function renderPath(path: string, custom: RouteObject[] = routes) {
  const cache = createQueryClient();
  cache.setDefaultOptions({ queries: { ...cache.getDefaultOptions().queries, retry: false, gcTime: Infinity } });
  const router = createMemoryRouter(custom, { initialEntries: [path] });
  const user = userEvent.setup({ delay: null, pointerEventsCheck: 0 });
  const view = render(
    <Providers cache={cache}>
      <RouterProvider router={router} />
    </Providers>,
  );
  act(() => FakeSocket.last.connect());
  return { ...view, cache, router, user };
}
