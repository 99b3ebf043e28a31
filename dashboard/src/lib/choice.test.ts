import { describe, expect, it } from 'vitest';

import { pick } from './choice';

const order = ['a', 'b', 'c', 'd', 'e'];
const after = (before: string[], anchor: string | null, picked: string[], range: boolean) => [...pick(new Set(before), anchor, picked, range, order)].sort().join('');

describe('a choice in a list', () => {
  it('takes one in and out, and what stands for several as one', () => {
    expect(after([], null, ['b'], false)).toBe('b');
    expect(after(['b'], 'b', ['b'], false)).toBe('');
    expect(after(['b'], 'b', ['b', 'c'], false)).toBe('bc');
    expect(after(['b', 'c'], 'b', ['b', 'c'], false)).toBe('');
  });

  it('takes a range in either direction, with all of what stands at its end', () => {
    expect(after(['b'], 'b', ['d'], true)).toBe('bcd');
    expect(after(['d'], 'd', ['b', 'c'], true)).toBe('bcd');
    expect(after(['a'], 'a', ['d', 'e'], true)).toBe('abcde');
  });

  it('takes the one alone where there is nothing to begin a range at', () => {
    expect(after([], null, ['d'], true)).toBe('d');
    expect(after(['x'], 'x', ['d'], true)).toBe('dx');
  });
});
