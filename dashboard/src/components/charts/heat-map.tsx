import { useRef, useState, useSyncExternalStore, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useLanguage } from '@/components/time';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { hoursOf, type HourCount } from '@/data/activity';
import { cn } from '@/lib/cn';
import { formatDay, formatNumber } from '@/lib/format';
import type { Language } from '@/lib/preferences';
import { pathWith } from '@/lib/url-state';

import { heatLevel, heatRows, type HeatCell } from './heat';

const levels = ['bg-sunken', 'bg-chart-1/20', 'bg-chart-1/40', 'bg-chart-1/60', 'bg-chart-1/80', 'bg-chart-1'];

/** 5 January 1970 was a Monday. */
export function weekdayName(weekday: number, language: Language, style: 'short' | 'long' = 'short'): string {
  return new Intl.DateTimeFormat(language === 'uk' ? 'uk-UA' : 'en-GB', { weekday: style, timeZone: 'UTC' }).format(Date.UTC(1970, 0, 5 + weekday));
}

export const clock = (hour: number) => `${String(hour % 24).padStart(2, '0')}:00`;

const narrow = '(max-width: 639px)';
function useNarrow(): boolean {
  return useSyncExternalStore(
    (listener) => {
      const query = matchMedia(narrow);
      query.addEventListener('change', listener);
      return () => query.removeEventListener('change', listener);
    },
    () => matchMedia(narrow).matches,
  );
}

/**
 * Messages by weekday and hour. One tab stop; arrows move, Enter opens the days behind a cell. On a narrow screen a
 * column is three hours, so that a finger meets it.
 */
export function HeatMap({ hours, label }: { hours: readonly HourCount[]; label: string }) {
  const language = useLanguage();
  const step = useNarrow() ? 3 : 1;
  const rows = heatRows(hours, step);
  const most = Math.max(1, ...rows.flat().map(({ count }) => count));
  const columns = 24 / step;
  const [at, setAt] = useState({ row: 0, column: 0 });
  const grid = useRef<HTMLTableElement>(null);
  const move = (event: KeyboardEvent) => {
    const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -columns], End: [0, columns] };
    const by = moves[event.key];
    if (!by) return;
    event.preventDefault();
    const row = Math.min(6, Math.max(0, at.row + by[0]));
    const column = Math.min(columns - 1, Math.max(0, at.column + by[1]));
    setAt({ row, column });
    grid.current?.querySelector<HTMLElement>(`[data-cell="${row}-${column}"]`)?.focus();
  };
  return (
    <table ref={grid} role="grid" aria-label={label} onKeyDown={move} className="w-full table-fixed border-separate border-spacing-0.5 text-2xs text-muted">
      <thead>
        <tr>
          <td className="w-8" />
          {Array.from({ length: columns }, (_, column) => (
            <th key={column} scope="col" className="pb-0.5 text-left font-normal tabular-nums">
              {/* Every third hour in letters: the others are read by their place. */}
              <span className={(column * step) % 3 === 0 ? '' : 'sr-only'}>{String(column * step).padStart(2, '0')}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells, row) => (
          <tr key={row}>
            <th scope="row" className="pr-1 text-left font-normal">
              {weekdayName(row, language)}
            </th>
            {cells.map((cell, column) => (
              <td key={column} role="gridcell" className="p-0">
                <Cell
                  cell={cell}
                  step={step}
                  most={most}
                  name={`${row}-${column}`}
                  current={at.row === row && Math.min(at.column, columns - 1) === column}
                  onFocus={() => setAt({ row, column })}
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CellProps {
  cell: HeatCell;
  step: number;
  most: number;
  name: string;
  current: boolean;
  onFocus: () => void;
}

function Cell({ cell, step, most, name, current, onFocus }: CellProps) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const { weekday, hour, count, days } = cell;
  const when = t('heat.when', { weekday: weekdayName(weekday, language, 'long'), from: clock(hour), to: clock(hour + step) });
  const label = `${when}: ${t('messages', { count, n: formatNumber(count, language) })}`;
  return (
    <Popover>
      <PopoverTrigger asChild>
        <button
          type="button"
          data-cell={name}
          tabIndex={current ? 0 : -1}
          aria-label={label}
          title={label}
          onFocus={onFocus}
          className={cn('block h-6 w-full rounded-[3px] transition-shadow hover:ring-2 hover:ring-ring max-sm:h-9', levels[heatLevel(count, most)])}
        />
      </PopoverTrigger>
      <PopoverContent className="w-60 p-3">
        <p className="text-sm font-medium">{when}</p>
        <p className="mb-2 text-xs text-muted">{t('messages', { count, n: formatNumber(count, language) })}</p>
        <ul className="max-h-56 overflow-y-auto">
          {days.map(({ day, count: n }) => (
            <li key={day}>
              <Link to={pathWith('/messages', hoursOf(day, hour, step))} className="flex min-h-8 items-center justify-between rounded-md px-2 text-sm text-primary-text touch-target hover:bg-hover">
                {formatDay(new Date(`${day}T00:00`), language)}
                <span className="tabular-nums">{formatNumber(n, language)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </PopoverContent>
    </Popover>
  );
}

/** What the shades mean. */
export function HeatLegend() {
  const { t } = useTranslation(['analytics', 'common']);
  return (
    <p className="mt-2 flex items-center justify-end gap-1 text-2xs text-muted">
      {t('heat.less')}
      {levels.map((level) => (
        <span key={level} aria-hidden className={cn('size-3 rounded-[3px]', level)} />
      ))}
      {t('heat.more')}
    </p>
  );
}
