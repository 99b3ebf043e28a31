import type { AnalysisRun } from '@/data/analysis';
import { addDays, formatClock, formatDay, isoDay } from '@/lib/format';
import type { Language } from '@/lib/preferences';
import { day } from '@/lib/url-state';

/** The most days that the API takes. */
export const MOST_DAYS = 92;

/** Whole days in the reader's zone, both included. */
export interface Days {
  from: string;
  to: string;
}

const midnight = (date: string) => new Date(`${date}T00:00`);

/** What the address says, put right: today where it says nothing, in order, not beyond today. */
export function parseDays(parameters: URLSearchParams): Days {
  const today = isoDay(new Date());
  const bounded = (value: string | undefined) => (value && value <= today ? value : undefined);
  const from = bounded(day(parameters.get('from')));
  const to = bounded(day(parameters.get('to')));
  if (!from && !to) return { from: today, to: today };
  const [a = today, b = a] = [from ?? to, to ?? from];
  return a <= b ? { from: a, to: b } : { from: b, to: a };
}

/** As the API wants it: until before the midnight that ends the last day. */
export function spanOf({ from, to }: Days): { from: string; to: string } {
  return { from: midnight(from).toISOString(), to: addDays(midnight(to), 1).toISOString() };
}

export function countDays({ from, to }: Days): number {
  return Math.round((Date.parse(`${to}T00:00Z`) - Date.parse(`${from}T00:00Z`)) / 86_400_000) + 1;
}

/** "2 Mar", "1–7 Mar", or with the clock where a run does not begin and end at midnight. */
export function spanText({ from, to }: Pick<AnalysisRun, 'from' | 'to'>, language: Language): string {
  const begin = new Date(from);
  const end = new Date(to);
  const whole = begin.getHours() + begin.getMinutes() + end.getHours() + end.getMinutes() === 0;
  if (whole) {
    const last = addDays(end, -1);
    return isoDay(begin) === isoDay(last) ? formatDay(begin, language) : `${formatDay(begin, language)} – ${formatDay(last, language)}`;
  }
  const moment = (at: Date) => `${formatDay(at, language)}, ${formatClock(at, language)}`;
  return `${moment(begin)} – ${moment(end)}`;
}
