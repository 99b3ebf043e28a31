import { describe, expect, it } from 'vitest';

import { parseFrame } from './frames';
import { delay } from './use-live';

describe('delay', () => {
  it('grows, stays bounded and never is zero', () => {
    expect(delay(0, () => 0)).toBe(200);
    expect(delay(3, () => 1)).toBeGreaterThan(delay(0, () => 1));
    expect(delay(1000, () => 1)).toBeLessThanOrEqual(15_200);
  });
});

describe('parseFrame', () => {
  it.each(['', 'null', '[]', '7', '{"type":1', '{"type":"x"}'])('takes %j for no frame', (text) => {
    expect(parseFrame(text)).toBeNull();
  });
  it('reads a frame', () => {
    expect(parseFrame('{"type":"connection","data":{}}')?.type).toBe('connection');
  });
});
