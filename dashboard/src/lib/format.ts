import type { Language } from './preferences';

/** Intl objects are dear to make and are asked for in every row. */
function memo<A extends string, T>(make: (key: A) => T): (key: A) => T {
  const made = new Map<A, T>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) {
      value = make(key);
      made.set(key, value);
    }
    return value;
  };
}

/** The reader's zone, which decides what a day is. Browsers still give Kyiv the name that it had before 2022. */
export function timeZone(): string {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return timeZone === 'Europe/Kiev' ? 'Europe/Kyiv' : timeZone;
}

/** en-GB for English: day before month and a clock of 24 hours, as the teams that we serve write. */
const locale = (language: Language) => (language === 'uk' ? 'uk-UA' : 'en-GB');

const clock = memo((l: Language) => new Intl.DateTimeFormat(locale(l), { hour: '2-digit', minute: '2-digit' }));
const dayMonth = memo((l: Language) => new Intl.DateTimeFormat(locale(l), { day: 'numeric', month: 'short' }));
const dayMonthYear = memo((l: Language) => new Intl.DateTimeFormat(locale(l), { day: 'numeric', month: 'short', year: 'numeric' }));
const longDay = memo((l: Language) => new Intl.DateTimeFormat(locale(l), { weekday: 'long', day: 'numeric', month: 'long' }));
const fullDay = memo((l: Language) => new Intl.DateTimeFormat(locale(l), { dateStyle: 'full' }));
const month = memo((l: Language) => new Intl.DateTimeFormat(locale(l), { month: 'long', year: 'numeric' }));
const exact = memo((l: Language) => new Intl.DateTimeFormat(locale(l), { dateStyle: 'full', timeStyle: 'medium' }));
const relative = memo((l: Language) => new Intl.RelativeTimeFormat(locale(l), { numeric: 'auto', style: 'short' }));
const integer = memo((l: Language) => new Intl.NumberFormat(locale(l)));
const compactInteger = memo((l: Language) => new Intl.NumberFormat(locale(l), { notation: 'compact', maximumFractionDigits: 1 }));
const percent = memo((l: Language) => new Intl.NumberFormat(locale(l), { style: 'percent', maximumFractionDigits: 0 }));

const weekday = memo((key: `${Language} ${'short' | 'long'}`) => {
  const [l, style] = key.split(' ') as [Language, 'short' | 'long'];
  return new Intl.DateTimeFormat(locale(l), { weekday: style, timeZone: 'UTC' });
});

const unit = memo((key: `${Language} ${'second' | 'minute' | 'hour' | 'day'}`) => {
  const [l, name] = key.split(' ') as [Language, string];
  return new Intl.NumberFormat(locale(l), { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 1 });
});

export const formatNumber = (n: number, l: Language) => integer(l).format(n);
export const formatCompact = (n: number, l: Language) => compactInteger(l).format(n);
/** Of a share from 0 to 1. */
export const formatPercent = (share: number, l: Language) => percent(l).format(share);
/** "45 sec", "12 min", "3.5 hr", "2.1 days". */
export function formatDuration(seconds: number, l: Language): string {
  if (seconds < 90) return unit(`${l} second`).format(Math.round(seconds));
  if (seconds < 90 * 60) return unit(`${l} minute`).format(Math.round(seconds / 60));
  if (seconds < 36 * 3600) return unit(`${l} hour`).format(seconds / 3600);
  return unit(`${l} day`).format(seconds / 86_400);
}

export const formatClock = (at: Date, l: Language) => clock(l).format(at);
export const formatFullDay = (at: Date, l: Language) => fullDay(l).format(at);
export const formatMonth = (at: Date, l: Language) => month(l).format(at);
export const formatExact = (at: Date, l: Language) => exact(l).format(at);

/** A day with its year only where that is another one than now's. */
export function formatDay(at: Date, l: Language, now = new Date()): string {
  return (at.getFullYear() === now.getFullYear() ? dayMonth : dayMonthYear)(l).format(at);
}

/** 0 is Monday: 5 January 1970 was one. */
export const weekdayName = (day: number, l: Language, style: 'short' | 'long' = 'short') => weekday(`${l} ${style}`).format(Date.UTC(1970, 0, 5 + day));

export const formatLongDay = (at: Date, l: Language) => longDay(l).format(at);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "2 min ago" up to a day, the day beyond that. Future times likewise ("in 3 hr."). */
export function formatRelative(at: Date, l: Language, now = new Date()): string {
  const gap = at.getTime() - now.getTime();
  const size = Math.abs(gap);
  if (size < 45_000) return relative(l).format(0, 'second');
  if (size < HOUR) return relative(l).format(Math.round(gap / MINUTE), 'minute');
  if (size < DAY) return relative(l).format(Math.trunc(gap / HOUR), 'hour');
  const days = dayNumber(at) - dayNumber(now);
  if (Math.abs(days) <= 6) return relative(l).format(days, 'day');
  return formatDay(at, l, now);
}

/** Milliseconds after which what formatRelative says may change. */
export function relativeLifetime(at: Date, now = new Date()): number {
  const size = Math.abs(at.getTime() - now.getTime());
  if (size < HOUR) return 15_000;
  return size < DAY ? 5 * MINUTE : HOUR;
}

/** Days since some epoch in the reader's zone, so that differences count midnights and not spans of 24 hours. */
function dayNumber(at: Date): number {
  return Math.round(Date.UTC(at.getFullYear(), at.getMonth(), at.getDate()) / DAY);
}

/** YYYY-MM-DD in the reader's zone, as the API's date parameters want it together with `tz`. */
export function isoDay(at: Date): string {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

export function addDays(at: Date, days: number): Date {
  const moved = new Date(at);
  moved.setDate(moved.getDate() + days);
  return moved;
}

/** Initials for a picture that is missing: of the first and the last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word: string | undefined) => (word ? [...word.replace(/^[^\p{L}\p{N}]+/u, '')][0] ?? '' : '');
  const letters = first(words[0]) + (words.length > 1 ? first(words.at(-1)) : '');
  return letters.toUpperCase() || '?';
}
