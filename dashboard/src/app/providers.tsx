import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Toaster } from '@/components/ui/toaster';
import { TooltipProvider } from '@/components/ui/tooltip';
import { LiveProvider, type Live } from '@/live/live';

import { liveHandlers } from './live-handlers';

export function Providers({ cache, live, children }: { cache: QueryClient; live?: Live; children: ReactNode }) {
  return (
    <QueryClientProvider client={cache}>
      <LiveProvider handlers={liveHandlers} started={live}>
        <TooltipProvider delayDuration={350} skipDelayDuration={150}>
          {children}
          <Toaster />
        </TooltipProvider>
      </LiveProvider>
    </QueryClientProvider>
  );
}
