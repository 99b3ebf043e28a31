import { describe, expect, it } from 'vitest';

import type { Proposal } from '@/lib/api';

import { bars, byRisk } from './triage';

const proposal = (id: number, confidence: number, due_at: string | null = null) => ({ id, confidence, due_at }) as Proposal;

describe('the order by risk', () => {
  it('has what is overdue first, then what is least sure, the newer of two alike before the older', () => {
    const now = new Date('2026-03-02T12:00:00Z');
    const list = [proposal(1, 0.8), proposal(2, 0.6), proposal(3, 0.7, '2026-03-01T12:00:00Z'), proposal(4, 0.6), proposal(5, 0.5, '2026-03-03T12:00:00Z')];
    expect(byRisk(list, now).map(({ id }) => id)).toEqual([3, 5, 4, 2, 1]);
  });
});

describe('the bars', () => {
  it('are those above which something lies', () => {
    expect(bars([proposal(1, 0.82), proposal(2, 0.59)])).toEqual([0.8, 0.7, 0.6]);
    expect(bars([proposal(1, 0.59)])).toEqual([]);
  });
});
