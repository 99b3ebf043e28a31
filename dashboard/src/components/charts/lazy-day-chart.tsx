import { startTransition, Suspense, useEffect, useState, type ComponentProps } from 'react';

import { LoadingBlock } from '@/components/states';
import { part } from '@/lib/part';

const load = async () => (await import('./day-chart')).default;
const DayChart = part(load);

/** A chart of days, made once the words and figures beside it are on the screen: making it takes longer than all of them. */
export function LazyDayChart(props: ComponentProps<Awaited<ReturnType<typeof load>>>) {
  const [painted, setPainted] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    // A task after the next frame: by then that frame is painted.
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => startTransition(() => setPainted(true)));
    });
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  const waiting = <LoadingBlock className="h-56" />;
  return <Suspense fallback={waiting}>{painted ? <DayChart {...props} /> : waiting}</Suspense>;
}
