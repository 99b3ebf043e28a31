import { Suspense, useEffect, useState } from 'react';

import { part } from '@/lib/part';
import { onFirstToast } from '@/lib/toast';

const Sonner = part(async () => (await import('./sonner')).SonnerToaster);

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
