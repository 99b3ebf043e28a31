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
 * The third says that it was there already, the fourth what somebody else has saved since it was begun.
 */
export function useDraft(key: string, saved: string): [string | null, (text: string | null) => void, boolean, string | null] {
  const [before] = useState(() => readDraft(key));
  const [draft, setDraft] = useState(before);
  const [from, setFrom] = useState(() => (before === null ? null : readDraft(`${key}.from`)));
  const change = (text: string | null) => {
    const begun = text === null ? null : (from ?? saved);
    const kept = text === saved ? null : text;
    keepDraft(key, kept);
    keepDraft(`${key}.from`, kept === null ? null : begun);
    setDraft(text);
    setFrom(begun);
  };
  // Our own is shown as saved while it is being sent.
  const meanwhile = draft !== null && from !== null && saved !== from && saved !== draft && saved !== draft.trim() ? saved : null;
  return [draft, change, before !== null, meanwhile];
}
