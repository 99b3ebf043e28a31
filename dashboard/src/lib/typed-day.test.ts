import { describe, expect, it } from 'vitest';

import { dayText, typedDay } from './typed-day';

describe('a day that is typed', () => {
  it.each([
    ['31.12.2026', '2026-12-31'],
    ['31/12/2026', '2026-12-31'],
    [' 1 . 2 . 2026 ', '2026-02-01'],
    ['1-2-26', '2026-02-01'],
    ['31122026', '2026-12-31'],
    ['5.11', '2026-11-05'],
    ['2026-12-31', '2026-12-31'],
    ['31.02.2026', undefined],
    ['12/31/2026', undefined],
    ['31.12.', '2026-12-31'],
    ['3112', undefined],
    ['tomorrow', undefined],
    ['1.2.3.4', undefined],
    ['1.2.202', undefined],
  ])('%s is %s', (text, want) => expect(typedDay(text, new Date(2026, 5, 1))).toBe(want));

  it('is shown as it may be typed', () => {
    expect([dayText('2026-12-01', 'uk'), dayText('2026-12-01', 'en')]).toEqual(['01.12.2026', '01/12/2026']);
  });
});
