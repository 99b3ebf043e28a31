import { describe, expect, it } from 'vitest';

import { parseFrame, placeAfter, type Frame } from './frames';
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

describe('placeAfter', () => {
  const frame = (type: Frame['type'], seq: number) => ({ type, seq, data: {} }) as Frame;
  it('begins where the connection stands and follows events', () => {
    expect(placeAfter('', frame('connection', 7))).toBe('7');
    expect(placeAfter('7', frame('message.new', 8))).toBe('8');
    expect(placeAfter('8', frame('resync', 3))).toBe('3');
  });
  it('keeps its own place when it comes back, until something is shown', () => {
    expect(placeAfter('7', frame('connection', 900))).toBe('7');
    expect(placeAfter('7', frame('error', 900))).toBe('7');
  });
});
