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
    <ul className={cn('-mx-2 grid gap-x-3 gap-y-0.5', wide ? 'grid-cols-[fit-content(14rem)_minmax(3rem,1fr)_auto]' : 'grid-cols-[fit-content(9rem)_minmax(3rem,1fr)_auto]')}>
      {bars.map(({ key, label, count, to, fill = 'var(--chart-1)', of = total }) => (
        <li key={key} className="col-span-3 grid grid-cols-subgrid">
          <Link to={to} className="col-span-3 grid min-h-9 grid-cols-subgrid items-center rounded-md px-2 text-sm touch-target hover:bg-hover">
            <span className={cn('min-w-0', wide ? 'py-1 text-pretty' : 'truncate')}>{label}</span>
            <span aria-hidden className="h-2.5 overflow-hidden rounded-full bg-sunken">
              <span className="block h-full rounded-full forced-color-adjust-none" style={{ width: `${(count / most) * 100}%`, minWidth: count > 0 ? 3 : 0, background: fill }} />
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
