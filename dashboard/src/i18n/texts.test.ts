import { expect, it } from 'vitest';

import { texts } from './texts';

it('has every text in both languages', () => {
  expect(Object.keys(texts.uk)).toEqual(Object.keys(texts.en));
  for (const words of Object.values(texts)) {
    expect(Object.values(words).every((text) => text.trim() !== '')).toBe(true);
  }
});
