import { isoDay } from './format';
import type { Language } from './preferences';
import { day } from './url-state';

/** A day (YYYY-MM-DD) as people of the language write it in figures; day before month in both (see format.ts). */
export function dayText(iso: string, language: Language): string {
  const [year, month, date] = iso.split('-');
  return [date, month, year].join(language === 'uk' ? '.' : '/');
}

/**
 * The day that somebody typed: 31.12.2026, 31/12/26, 31122026, 31.12 for this year's, or 2026-12-31; undefined where there is no
 * such day.
 */
export function typedDay(text: string, now = new Date()): string | undefined {
  const run = /^(\d{2})(\d{2})(\d{4})$/.exec(text.trim());
  const parts = run ? run.slice(1) : text.trim().split(/[\s./-]+/).filter(Boolean);
  if (parts.length < 2 || parts.length > 3 || parts.some((part) => !/^\d+$/.test(part))) return undefined;
  const [date = '', month = '', year = isoDay(now).slice(0, 4)] = (parts[0]?.length ?? 0) === 4 ? [...parts].reverse() : parts;
  const whole = year.length === 2 ? `20${year}` : year;
  return day(`${whole}-${month.padStart(2, '0')}-${date.padStart(2, '0')}`);
}

/** Noon of a day in the reader's zone, where no change of clocks makes it another day. */
export const noonOf = (iso: string): Date => new Date(`${iso}T12:00:00`);
