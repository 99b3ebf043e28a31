import { useState, type ComponentProps } from 'react';
import { RouterProvider } from 'react-router/dom';

import { createQueryClient } from '@/lib/query-client';

import { Providers } from './providers';

export function App({ router }: { router: ComponentProps<typeof RouterProvider>['router'] }) {
  const [cache] = useState(createQueryClient);
  return (
    <Providers cache={cache}>
      <RouterProvider router={router} />
    </Providers>
  );
}
