import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { FrameBatch } from './batch';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Pushes one item every so many milliseconds for two seconds, and says how often they were handed on. */
function handedOn(every: number): number {
  const flush = vi.fn();
  const batch = new FrameBatch<number>(flush);
  for (let at = 0; at < 2000; at += every) {
    batch.push(at);
    vi.advanceTimersByTime(every);
  }
  vi.advanceTimersByTime(250);
  expect(flush.mock.calls.flatMap(([items]) => items as number[])).toEqual(Array.from({ length: Math.ceil(2000 / every) }, (_, i) => i * every));
  return flush.mock.calls.length;
}

it('hands on a few at once, and the more there are the less often, in order', () => {
  expect(handedOn(50)).toBe(40);
  expect(handedOn(5)).toBeLessThanOrEqual(32); // every 80 ms
  expect(handedOn(1)).toBeLessThanOrEqual(12); // every 250 ms
});
