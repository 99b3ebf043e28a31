import { useState } from 'react';

const PREFIX = 'tasktracker.draft.';

/** What was typed there and neither saved nor given up, in this tab. */
export function readDraft(key: string): string | null {
  try {
    return sessionStorage.getItem(PREFIX + key);
  } catch {
    return null; // storage is off: what is typed lasts as long as its field
  }
}

/** Keeps what is being typed; null forgets it. */
export function keepDraft(key: string, text: string | null): void {
  try {
    if (text === null) sessionStorage.removeItem(PREFIX + key);
    else sessionStorage.setItem(PREFIX + key, text);
  } catch {
    // as in readDraft
  }
}

/**
 * A text that is being edited, null while it is not, kept over leaving and coming back where it differs from what is saved.
 * The third says that it was there already.
 */
export function useDraft(key: string, saved: string): [string | null, (text: string | null) => void, boolean] {
  const [before] = useState(() => readDraft(key));
  const [draft, setDraft] = useState(before);
  const change = (text: string | null) => {
    keepDraft(key, text === saved ? null : text);
    setDraft(text);
  };
  return [draft, change, before !== null];
}
