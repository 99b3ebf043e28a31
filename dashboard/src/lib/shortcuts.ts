import { useEffect, useRef, useSyncExternalStore } from 'react';

/** One key or a sequence of two, such as `j`, `?`, `shift+x`, `mod+k` (Ctrl or Cmd), `g m`. */
export interface Shortcut {
  keys: string;
  /** What it does, in the reader's language, for the overlay. */
  label: string;
  run: (event: KeyboardEvent) => void;
  /** Works in text fields and dialogs too. For the palette and the like. */
  everywhere?: boolean;
}

export interface ShortcutGroup {
  title: string;
  shortcuts: readonly Shortcut[];
  /** Of the shell, not of the page that is shown. */
  everywhere?: boolean;
}

const SEQUENCE_MS = 1200;

/** What a key press is called here. Letters are named by their place on a Latin keyboard, so that a Cyrillic layout works too. */
export function keyName(event: Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): string {
  let key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  if (letter && !/^[a-z]$/.test(key)) key = letter.toLowerCase();
  if (event.code === 'Slash' && !/^[/?]$/.test(key)) key = event.shiftKey ? '?' : '/';
  // There the key has a letter, and the one of the slash the full stop.
  if (event.code === 'Period' && /^\p{L}$/u.test(key)) key = '.';
  const isLetter = /^[a-z]$/.test(key);
  const named = key.length > 1;
  return [
    event.ctrlKey || event.metaKey ? 'mod+' : '',
    event.altKey ? 'alt+' : '',
    event.shiftKey && (isLetter || named) ? 'shift+' : '',
    key === ' ' ? 'Space' : key,
  ].join('');
}

class Registry {
  #groups: readonly ShortcutGroup[] = [];
  #listeners = new Set<() => void>();
  #pending = '';
  #pendingSince = 0;

  /** Groups that came later win, so that a page can override the shell. */
  add(group: ShortcutGroup): () => void {
    this.#groups = [...this.#groups, group];
    this.#changed();
    return () => {
      this.#groups = this.#groups.filter((other) => other !== group);
      this.#changed();
    };
  }

  subscribe = (listener: () => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  groups = () => this.#groups;

  handle = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing || ['Control', 'Meta', 'Shift', 'Alt'].includes(event.key)) return;
    const name = keyName(event);
    const sequence = this.#pending && event.timeStamp - this.#pendingSince < SEQUENCE_MS ? `${this.#pending} ${name}` : '';
    this.#pending = '';
    const busy = isBusy(event.target);
    const candidates = this.#groups.flatMap((group) => group.shortcuts).filter((s) => s.everywhere || !busy);
    const found = (sequence && candidates.findLast((s) => s.keys === sequence)) || candidates.findLast((s) => s.keys === name);
    if (found) {
      event.preventDefault();
      found.run(event);
    } else if (candidates.some((s) => s.keys.startsWith(`${name} `))) {
      this.#pending = name;
      this.#pendingSince = event.timeStamp;
    }
  };

  #changed() {
    for (const listener of this.#listeners) listener();
  }
}

/** Where letters are text, or where an open layer has keys of its own. */
function isBusy(target: EventTarget | null): boolean {
  const element = target instanceof Element ? target : null;
  if (element?.closest('input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable=true], [role=menu], [role=listbox], [role=combobox][aria-expanded=true]')) return true;
  return document.querySelector('[role=dialog][data-state=open][data-modal]') !== null;
}

export const shortcuts = new Registry();

/** Registers keys for as long as the component is shown. `run` may change from render to render. */
export function useShortcuts(title: string, list: readonly Shortcut[], everywhere = false): void {
  const latest = useRef(list);
  useEffect(() => {
    latest.current = list;
  });
  const signature = list.map((s) => `${s.keys}\u0000${s.label}`).join('\u0001');
  useEffect(() => {
    const stable = latest.current.map((s, i) => ({ ...s, run: (event: KeyboardEvent) => latest.current[i]?.run(event) }));
    return shortcuts.add({ title, shortcuts: stable, everywhere });
  }, [title, signature, everywhere]);
}

export function useShortcutGroups(): readonly ShortcutGroup[] {
  return useSyncExternalStore(shortcuts.subscribe, shortcuts.groups);
}
