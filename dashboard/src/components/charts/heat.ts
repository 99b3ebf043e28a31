import type { HourCount } from '@/data/activity';

/** Some hours of a weekday: how many messages, and on which days they were. */
export interface HeatCell {
  /** 0 is Monday. */
  weekday: number;
  /** First hour, by the clock of the reader. */
  hour: number;
  count: number;
  days: readonly { day: string; count: number }[];
}

/** Cells by weekday, each row of 24 / `step` columns. */
export function heatRows(hours: readonly HourCount[], step: number): HeatCell[][] {
  const cells = Array.from({ length: 7 }, () => Array.from({ length: 24 / step }, () => new Map<string, number>()));
  for (const { weekday, hour, day, count } of hours) {
    const cell = cells[weekday]?.[Math.floor(hour / step)];
    cell?.set(day, (cell.get(day) ?? 0) + count);
  }
  return cells.map((row, weekday) =>
    row.map((sums, column) => {
      const days = [...sums].map(([day, count]) => ({ day, count })).sort((a, b) => (a.day < b.day ? 1 : -1));
      return { weekday, hour: column * step, count: days.reduce((sum, { count }) => sum + count, 0), days };
    }),
  );
}

/** 0 for nothing, else 1 to 5 by the share of the fullest cell. */
export function heatLevel(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1, Math.ceil((count / most) * 5));
}

/** The fullest cell; null where there is nothing. */
export function peak(rows: readonly (readonly HeatCell[])[]): HeatCell | null {
  const all = rows.flat().filter(({ count }) => count > 0);
  return all.reduce<HeatCell | null>((best, cell) => (best === null || cell.count > best.count ? cell : best), null);
}
