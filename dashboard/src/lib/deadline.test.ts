import { describe, expect, it } from 'vitest';

import { dayOf, deadlineOf, endOfDay } from './deadline';
import { isoDay } from './format';

describe('a deadline that is a day', () => {
  it('is the day of the chats, whatever the zone of the reader', () => {
    // The same "by Friday", named in five places.
    for (const [at, zone] of [
      ['2026-12-04T23:59:59Z', 'UTC'],
      ['2026-12-04T21:59:59Z', 'Europe/Kyiv'],
      ['2026-12-05T07:59:59Z', 'America/Los_Angeles'],
      ['2026-12-04T10:59:59Z', 'Pacific/Auckland'],
      ['2026-12-04T18:14:59Z', 'Asia/Kathmandu'],
    ] as const) {
      expect(dayOf(at, zone), zone).toBe('2026-12-04');
      expect(deadlineOf(at, zone).wholeDay, zone).toBe(true);
      expect(endOfDay('2026-12-04', zone), zone).toBe(new Date(at).toISOString());
    }
  });

  it('ends at the right moment where the clocks change on that day', () => {
    expect(endOfDay('2026-03-29', 'Europe/Kyiv')).toBe('2026-03-29T20:59:59.000Z');
    expect(endOfDay('2026-10-25', 'Europe/Kyiv')).toBe('2026-10-25T21:59:59.000Z');
    expect(endOfDay('2026-03-28', 'Europe/Kyiv')).toBe('2026-03-28T21:59:59.000Z');
  });

  it('is the day of the reader where nobody knows the zone of the chats', () => {
    for (const zone of [null, 'Mars/Olympus']) {
      const at = endOfDay('2026-12-04', zone);
      expect(dayOf(at, zone)).toBe('2026-12-04');
      expect(deadlineOf(at, zone).wholeDay).toBe(true);
    }
  });
});

it('a deadline with a time is a moment of the reader’s own clock', () => {
  const { at, wholeDay } = deadlineOf('2026-12-04T13:00:00Z', 'Pacific/Auckland');
  expect(wholeDay).toBe(false);
  expect(isoDay(at)).toBe(isoDay(new Date('2026-12-04T13:00:00Z')));
});
