import { memo, useMemo, useRef, useState, type KeyboardEvent, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useLanguage } from '@/components/time';
import { Popover, PopoverAnchor, PopoverContent } from '@/components/ui/popover';
import { hoursOf, type HourCount } from '@/data/activity';
import { cn } from '@/lib/cn';
import { formatDay, formatNumber, weekdayName } from '@/lib/format';
import { useMedia } from '@/lib/preferences';
import { pathWith } from '@/lib/url-state';

import { heatLevel, heatRows, type HeatCell } from './heat';

const levels = ['bg-sunken', 'bg-chart-1/20', 'bg-chart-1/40', 'bg-chart-1/60', 'bg-chart-1/80', 'bg-chart-1'];

export const clock = (hour: number) => `${String(hour % 24).padStart(2, '0')}:00`;

/**
 * Messages by weekday and hour. One tab stop; arrows move, Enter opens the days behind a cell. On a narrow screen a
 * column is four hours, so that a finger meets it. The cells are plain and share one layer: there are 168 of them.
 */
export function HeatMap({ hours, label }: { hours: readonly HourCount[]; label: string }) {
  const language = useLanguage();
  const step = useMedia('(max-width: 639px)') ? 4 : 1;
  const rows = useRows(hours, step);
  const most = Math.max(1, ...rows.flat().map(({ count }) => count));
  const columns = 24 / step;
  const [at, setAt] = useState({ row: 0, column: 0 });
  const [open, setOpen] = useState(false);
  const grid = useRef<HTMLTableElement>(null);
  /** The cell whose days are open. */
  const anchor = useRef<HTMLElement>(null);
  const column = Math.min(at.column, columns - 1);
  const chosen = rows[at.row]?.[column];
  const focus = (row: number, column: number) => grid.current?.querySelector<HTMLElement>(`[data-cell="${row}-${column}"]`)?.focus();
  const move = (event: KeyboardEvent) => {
    const moves: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -columns], End: [0, columns] };
    const by = moves[event.key];
    if (!by) return;
    event.preventDefault();
    focus(Math.min(6, Math.max(0, at.row + by[0])), Math.min(columns - 1, Math.max(0, column + by[1])));
  };
  /** Of the cell that an event is about. */
  const placeOf = (target: EventTarget) => {
    const cell = (target as Element).closest<HTMLElement>('[data-cell]');
    const [row, column] = cell?.dataset.cell?.split('-').map(Number) ?? [];
    return cell && row !== undefined && column !== undefined ? { cell, row, column } : null;
  };
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverAnchor virtualRef={anchor as RefObject<HTMLElement>} />
      <table
        ref={grid}
        role="grid"
        aria-label={label}
        onKeyDown={move}
        onFocus={({ target }) => {
          const place = placeOf(target);
          if (place) setAt({ row: place.row, column: place.column });
        }}
        onClick={({ target }) => {
          const place = placeOf(target);
          if (!place) return;
          setOpen(!(open && anchor.current === place.cell));
          anchor.current = place.cell;
          setAt({ row: place.row, column: place.column });
        }}
        className="w-full table-fixed border-separate border-spacing-0.5 text-2xs text-muted"
      >
        <thead>
          <tr>
            <td className="w-8" />
            {Array.from({ length: columns }, (_, column) => (
              <th key={column} scope="col" className="pb-0.5 text-left font-normal tabular-nums">
                {/* Of single hours every third in letters: the others are read by their place. */}
                <span className={step > 1 || column % 3 === 0 ? '' : 'sr-only'}>{String(column * step).padStart(2, '0')}</span>
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
              {cells.map((cell, i) => (
                <td key={i} role="gridcell" className="p-0">
                  <Cell label={cell.label} level={heatLevel(cell.count, most)} name={`${row}-${i}`} current={at.row === row && column === i} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {chosen ? (
        <PopoverContent
          className="w-60 p-3"
          // Another cell opens its own.
          onInteractOutside={(event) => {
            if (grid.current?.contains(event.target as Node)) event.preventDefault();
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            anchor.current?.focus();
          }}
        >
          <Days cell={chosen} step={step} />
        </PopoverContent>
      ) : null}
    </Popover>
  );
}

interface NamedCell extends HeatCell {
  when: string;
  /** When, and how many. */
  label: string;
}

/** The cells in words. Most counts are the same few. */
function useRows(hours: readonly HourCount[], step: number): NamedCell[][] {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  return useMemo(() => {
    const said = new Map<number, string>();
    const messages = (count: number) => {
      const words = said.get(count) ?? t('messages', { count, n: formatNumber(count, language) });
      said.set(count, words);
      return words;
    };
    return heatRows(hours, step).map((row) =>
      row.map((cell) => {
        const when = t('heat.when', { weekday: weekdayName(cell.weekday, language, 'long'), from: clock(cell.hour), to: clock(cell.hour + step) });
        return { ...cell, when, label: `${when}: ${messages(cell.count)}` };
      }),
    );
  }, [hours, step, language, t]);
}

const Cell = memo(function Cell({ label, level, name, current }: { label: string; level: number; name: string; current: boolean }) {
  return (
    <button
      type="button"
      data-cell={name}
      tabIndex={current ? 0 : -1}
      aria-label={label}
      aria-haspopup="dialog"
      title={label}
      className={cn('block h-6 w-full rounded-[3px] forced-color-adjust-none transition-shadow hover:ring-2 hover:ring-ring max-sm:h-11', levels[level])}
    />
  );
});

/** The days behind a cell, each with its list. */
function Days({ cell, step }: { cell: NamedCell; step: number }) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  return (
    <>
      <p className="text-sm font-medium">{cell.when}</p>
      <p className="mb-2 text-xs text-muted">{t('messages', { count: cell.count, n: formatNumber(cell.count, language) })}</p>
      <ul className="max-h-56 overflow-y-auto">
        {cell.days.map(({ day, count }) => (
          <li key={day}>
            <Link to={pathWith('/messages', hoursOf(day, cell.hour, step))} className="flex min-h-8 items-center justify-between rounded-md px-2 text-sm text-primary-text touch-target hover:bg-hover">
              {formatDay(new Date(`${day}T00:00`), language)}
              <span className="tabular-nums">{formatNumber(count, language)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What the shades mean. */
export function HeatLegend() {
  const { t } = useTranslation(['analytics', 'common']);
  return (
    <p className="mt-2 flex items-center justify-end gap-1 text-2xs text-muted">
      {t('heat.less')}
      {levels.map((level) => (
        <span key={level} aria-hidden className={cn('size-3 rounded-[3px] forced-color-adjust-none', level)} />
      ))}
      {t('heat.more')}
    </p>
  );
}
