import { QueryClientProvider, type QueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { Toaster } from '@/components/ui/toaster';
import { TooltipProvider } from '@/components/ui/tooltip';
import { LiveProvider } from '@/live/live';

import { liveHandlers } from './live-handlers';

export function Providers({ cache, children }: { cache: QueryClient; children: ReactNode }) {
  return (
    <QueryClientProvider client={cache}>
      <LiveProvider handlers={liveHandlers}>
        <TooltipProvider delayDuration={350} skipDelayDuration={150}>
          {children}
          <Toaster />
        </TooltipProvider>
      </LiveProvider>
    </QueryClientProvider>
  );
}
