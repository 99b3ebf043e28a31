import { lazy, Suspense, useEffect, useState } from 'react';

import { onFirstToast } from '@/lib/toast';

const Sonner = lazy(async () => ({ default: (await import('./sonner')).SonnerToaster }));

/** Where toasts appear; `toast` comes from lib/toast. */
export function Toaster() {
  const [wanted, setWanted] = useState(false);
  useEffect(() => onFirstToast(() => setWanted(true)), []);
  return wanted ? (
    <Suspense fallback={null}>
      <Sonner />
    </Suspense>
  ) : null;
}
