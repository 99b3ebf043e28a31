import { useState } from 'react';
import { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';

import { createQueryClient } from '@/lib/query-client';

import { Providers } from './providers';
import { routes } from './routes';

export function App() {
  const [cache] = useState(createQueryClient);
  const [router] = useState(() => createBrowserRouter(routes));
  return (
    <Providers cache={cache}>
      <RouterProvider router={router} />
    </Providers>
  );
}
