import type { ReactNode } from 'react';
import { Link } from 'react-router';

import { useLanguage } from '@/components/time';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';

import { shareText } from './share';

export interface Bar {
  key: string;
  label: ReactNode;
  count: number;
  /** The list behind the bar. */
  to: string;
  /** A colour that means something elsewhere on the page, such as a source's. */
  fill?: string;
  /** What its share is of, where that is not the total of all; of 0 there is none. */
  of?: number;
}

/** A bar for each value, every one a link to the list behind it. Shares are of `total`. `wide`: labels are sentences, and wrap. */
export function BarList({ bars, total, wide = false }: { bars: readonly Bar[]; total: number; wide?: boolean }) {
  const language = useLanguage();
  const most = Math.max(1, ...bars.map(({ count }) => count));
  return (
    <ul className="space-y-0.5">
      {bars.map(({ key, label, count, to, fill = 'var(--chart-1)', of = total }) => (
        <li key={key}>
          <Link to={to} className={cn('grid min-h-9 grid-cols-[minmax(6.5rem,9rem)_1fr_6.5rem] items-center gap-3 rounded-md px-2 text-sm touch-target hover:bg-hover', wide && 'sm:grid-cols-[14rem_1fr_6.5rem]')}>
            <span className={cn('min-w-0', wide ? 'py-1 text-pretty' : 'truncate')}>{label}</span>
            <span aria-hidden className="h-2.5 overflow-hidden rounded-full bg-sunken">
              <span className="block h-full rounded-full" style={{ width: `${(count / most) * 100}%`, minWidth: count > 0 ? 3 : 0, background: fill }} />
            </span>
            <span className="text-right tabular-nums">
              {formatNumber(count, language)}
              <span className="ml-2 inline-block w-10 text-xs text-muted">{shareText(count, of, language)}</span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
