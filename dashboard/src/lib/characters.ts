import type { FormEvent } from 'react';

/** How long a text is as the server counts: an emoji is one character there and two to four units of a JavaScript text. */
export const countCharacters = (text: string): number => [...text].length;

/** The first characters of a text, none of them cut in half. */
export const firstCharacters = (text: string, most: number): string => (text.length <= most ? text : [...text].slice(0, most).join(''));

/** Takes away from a field what was typed or pasted too much, where it was put, as `maxlength` does for units. */
export function keepWithin({ currentTarget: field }: FormEvent<HTMLInputElement | HTMLTextAreaElement>, most: number): void {
  const tooMany = countCharacters(field.value) - most;
  if (tooMany <= 0) return;
  const caret = field.selectionStart ?? field.value.length;
  const before = [...field.value.slice(0, caret)];
  const kept = before.slice(0, Math.max(before.length - tooMany, 0)).join('');
  field.value = firstCharacters(kept + field.value.slice(caret), most);
  field.setSelectionRange(kept.length, kept.length);
}
