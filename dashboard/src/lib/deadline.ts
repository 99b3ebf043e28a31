import { isoDay } from './format';

/** A deadline as people mean it: a day, or a moment where they named a time. */
export interface Deadline {
  /** In the reader's zone; of a whole day only the date counts. */
  at: Date;
  /** Until the end of the day, so that no time is said. */
  wholeDay: boolean;
}

const clocks = new Map<string, Intl.DateTimeFormat | null>();

/** Null for a zone that this browser does not know. */
function clockOf(zone: string): Intl.DateTimeFormat | null {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    try {
      clock = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit' });
    } catch {
      clock = null;
    }
    clocks.set(zone, clock);
  }
  return clock;
}

/** What the clocks of a zone show, as if it were UTC; of an unknown zone what ours show. */
function shown(at: number, zone: string): number {
  const clock = clockOf(zone);
  if (!clock) return at - new Date(at).getTimezoneOffset() * 60_000;
  const part = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return new Date(0).setUTCFullYear(part.year ?? 0, (part.month ?? 1) - 1, part.day ?? 1) + ((part.hour ?? 0) * 60 + (part.minute ?? 0)) * 60_000 + (part.second ?? 0) * 1000;
}

/**
 * A day without a time is stored as the last minute of that day in the zone of the chats, and is that day for readers in every zone.
 * A moment is one of the reader's own clock.
 */
export function deadlineOf(dueAt: string, zone: string | null): Deadline {
  const at = new Date(dueAt);
  const there = zone === null ? null : new Date(shown(at.getTime(), zone));
  if (there && there.getUTCHours() === 23 && there.getUTCMinutes() === 59) {
    return { at: new Date(there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate()), wholeDay: true };
  }
  return { at, wholeDay: at.getHours() === 23 && at.getMinutes() === 59 };
}

/** The day that a deadline is on, for a date field. */
export const dayOf = (dueAt: string, zone: string | null) => isoDay(deadlineOf(dueAt, zone).at);

/** The last second of a day (YYYY-MM-DD) in the zone of the chats: until then it is not overdue. */
export function endOfDay(day: string, zone: string | null): string {
  if (zone === null) return new Date(`${day}T23:59:59`).toISOString();
  const wanted = Date.parse(`${day}T23:59:59Z`);
  let at = wanted;
  // Twice, as the offset may be another one there.
  for (let i = 0; i < 2; i++) at = wanted - (shown(at, zone) - at);
  return new Date(at).toISOString();
}
