import { expect, it } from 'vitest';

import uk from '@/i18n/uk/common.json';

import { shownContent } from './content';

const t = (key: string) => uk.placeholder[key.slice('common:placeholder.'.length) as keyof typeof uk.placeholder];

it.each([
  ['[photo]', '[фото]'],
  ['[video note 0:23]', '[відеоповідомлення 0:23]'],
  ['[sticker 👍]', '[наліпка 👍]'],
  ['[file звіт за грудень.pdf]', '[файл звіт за грудень.pdf]'],
  ['[poll] Коли реліз?', '[опитування] Коли реліз?'],
  ['[unsupported]', '[вміст, який тут не показати]'],
  // People's own words are theirs.
  ['[photo]graphy is fun', '[photo]graphy is fun'],
  ['[draft] see the photo', '[draft] see the photo'],
  ['the photo', 'the photo'],
])('says what stands for content without words: %s', (content, shown) => {
  expect(shownContent(content, t)).toBe(shown);
});
