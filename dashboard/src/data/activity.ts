import { queryOptions, type QueryClient } from '@tanstack/react-query';

import type { components } from '@/api/schema';
import { api, unwrap } from '@/lib/api';
import { addDays, isoDay, timeZone } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { LiveHandlers } from '@/live/live';

export type ActivityPoint = components['schemas']['ActivityPoint'];

/** The last seven days with today, or a calendar month (`month` counts from 0). */
export type Period = { kind: 'week' } | { kind: 'month'; year: number; month: number };

/** One hour of one source, by the clock of the reader. */
export interface HourCount {
  /** YYYY-MM-DD. */
  day: string;
  /** 0 is Monday. */
  weekday: number;
  hour: number;
  source: string;
  count: number;
}

export interface ActivityView {
  /** First and last day, both whole; the days of the lists' filters. */
  from: string;
  to: string;
  days: readonly string[];
  hours: readonly HourCount[];
  total: number;
}

const readHour = ({ timestamp, source, count }: ActivityPoint): HourCount => {
  const at = new Date(timestamp);
  return { day: isoDay(at), weekday: (at.getDay() + 6) % 7, hour: at.getHours(), source, count };
};

/** First and last day of a period; of the current month up to today. */
export function bounds(period: Period, now: Date): { from: Date; to: Date } {
  const today = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (period.kind === 'week') return { from: addDays(today, -6), to: today };
  const from = new Date(period.year, period.month, 1);
  const last = new Date(period.year, period.month + 1, 0);
  return { from, to: last > today && from <= today ? today : last };
}

/**
 * The counts of a period in whole days. The API's week begins at this hour seven days ago: what lies before
 * the first whole day is left out, so that the numbers are those of the lists, whose filters know whole days.
 */
export function viewOf(points: readonly ActivityPoint[], period: Period, now: Date): ActivityView {
  const { from, to } = bounds(period, now);
  const days: string[] = [];
  for (let at = from; at <= to; at = addDays(at, 1)) days.push(isoDay(at));
  const first = days[0] ?? '';
  const last = days.at(-1) ?? '';
  const hours = points.map(readHour).filter(({ day }) => day >= first && day <= last);
  return { from: first, to: last, days, hours, total: hours.reduce((sum, { count }) => sum + count, 0) };
}

export const activityQuery = (period: Period) =>
  queryOptions({
    queryKey: keys.activity({ ...period, tz: timeZone() }),
    queryFn: async ({ signal }): Promise<ActivityView> => {
      const query = period.kind === 'week' ? { period: 'week' as const } : { period: 'month' as const, month: period.month, year: period.year };
      const { data } = await unwrap(api.GET('/api/activity', { params: { query: { ...query, tz: timeZone() } }, signal }));
      return viewOf(data, period, new Date());
    },
  });

/** Messages of each chat on these days, the busiest chat first. */
export const chatActivityQuery = (from: string, to: string) =>
  queryOptions({
    queryKey: keys.activity({ chats: true, from, to, tz: timeZone() }),
    queryFn: ({ signal }) => unwrap(api.GET('/api/activity/chats', { params: { query: { date_from: from, date_to: to, tz: timeZone() } }, signal })),
  });

/** The instants between which some hours of a day lie, by the clock of the reader. */
export function hoursOf(day: string, hour: number, hours: number): { sent_from: string; sent_before: string } {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  const at = (h: number) => new Date(year, month - 1, date, h).toISOString();
  return { sent_from: at(hour), sent_before: at(hour + hours) };
}

/** Sums by a part of the hour's count, largest first. */
export function sumBy<K extends string | number>(hours: readonly HourCount[], part: (hour: HourCount) => K): Map<K, number> {
  const sums = new Map<K, number>();
  for (const hour of hours) sums.set(part(hour), (sums.get(part(hour)) ?? 0) + hour.count);
  return new Map([...sums].sort(([, a], [, b]) => b - a));
}

/** New messages move the counts; a burst of them is one reading. */
const rereadActivity = perKey((cache: QueryClient) =>
  throttle(() => {
    void cache.invalidateQueries({ queryKey: ['activity'] });
    void cache.invalidateQueries({ queryKey: ['overview'] });
  }, 5_000),
);

/** For the pages that show activity, with useLiveHandlers: nobody else needs it. */
export const activityLive: LiveHandlers = {
  'message.new': (_frames, cache) => rereadActivity(cache)(),
  'message.updated': (_frames, cache) => rereadActivity(cache)(),
};
