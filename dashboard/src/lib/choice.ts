import { useCallback, useEffect, useMemo, useRef, useState } from 'react';

export interface Choice<K> {
  keys: ReadonlySet<K>;
  /** Takes these in, or out where all are in; with `range` all from the last one to these, in the order of the list. */
  toggle: (picked: readonly K[], range: boolean, order: readonly K[]) => void;
  /** Chooses exactly these. */
  set: (keys: Iterable<K>) => void;
  clear: () => void;
}

/** The keys after one more pick. */
export function pick<K>(before: ReadonlySet<K>, anchor: K | null, picked: readonly K[], range: boolean, order: readonly K[]): Set<K> {
  const next = new Set(before);
  const places = picked.map((key) => order.indexOf(key)).filter((at) => at >= 0);
  const from = anchor === null ? -1 : order.indexOf(anchor);
  if (range && from >= 0 && places.length > 0) {
    for (const key of order.slice(Math.min(from, ...places), Math.max(from, ...places) + 1)) next.add(key);
  } else if (picked.every((key) => next.has(key))) {
    for (const key of picked) next.delete(key);
  } else {
    for (const key of picked) next.add(key);
  }
  return next;
}

/** What is chosen in a list for a change of many at once. */
export function useChoice<K>(): Choice<K> {
  const [keys, setKeys] = useState<ReadonlySet<K>>(new Set());
  const anchor = useRef<K | null>(null);
  const toggle = useCallback((picked: readonly K[], range: boolean, order: readonly K[]) => {
    const from = anchor.current;
    setKeys((before) => pick(before, before.size > 0 ? from : null, picked, range, order));
    anchor.current = picked[0] ?? from;
  }, []);
  const set = useCallback((chosen: Iterable<K>) => setKeys(new Set(chosen)), []);
  const clear = useCallback(() => setKeys(new Set()), []);
  return useMemo(() => ({ keys, toggle, set, clear }), [keys, toggle, set, clear]);
}

/** A dialog gives the focus back in its own time. */
const AFTER_CLOSING_MS = 60;

/** Once a bar or dialog is gone that had the focus, and nothing else has it, `focus` says who takes it. */
export function useFocusAfter(there: boolean, focus: () => void): void {
  const latest = useRef(focus);
  useEffect(() => {
    latest.current = focus;
  });
  const was = useRef(there);
  useEffect(() => {
    const gone = was.current && !there;
    was.current = there;
    if (!gone) return;
    const timer = setTimeout(() => document.activeElement === document.body && latest.current(), AFTER_CLOSING_MS);
    return () => clearTimeout(timer);
  }, [there]);
}
