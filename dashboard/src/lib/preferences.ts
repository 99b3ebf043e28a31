import { useCallback, useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark' | 'system';
export type Density = 'compact' | 'comfortable';
export type Language = 'en' | 'uk';
/** What the list of tasks may be grouped by. */
export const GROUP_FIELDS = ['status', 'priority', 'category', 'assignee', 'chat_id', 'due'] as const;
export type GroupField = (typeof GROUP_FIELDS)[number];

/** What a person chose for this browser. It never leaves it. */
export interface Preferences {
  theme: Theme;
  density: Density;
  language: Language;
  /** The left rail shows icons only. */
  railCollapsed: boolean;
  /** Neighbouring messages of one topic are one row. */
  foldThreads: boolean;
  tasksView: 'list' | 'board';
  groupTasksBy: GroupField;
  /** What waits for a person's word: where a look is worth most first, or what came last. */
  reviewOrder: 'risk' | 'newest';
  /** Values whose group is closed in the task list. */
  closedGroups: string;
  /** Columns of the task list that are not shown. */
  hiddenColumns: string;
  /** Saved filters, as JSON (lib/views). */
  messageViews: string;
  taskViews: string;
}

const PREFIX = 'tasktracker.'; // public/start.js reads the same keys before the first paint

const defaults: Preferences = {
  theme: 'system',
  density: 'compact',
  language: 'en',
  railCollapsed: false,
  foldThreads: true,
  tasksView: 'list',
  groupTasksBy: 'status',
  reviewOrder: 'risk',
  closedGroups: 'cancelled',
  hiddenColumns: '',
  messageViews: '[]',
  taskViews: '[]',
};

const allowed: { [K in keyof Preferences]?: readonly Preferences[K][] } = {
  theme: ['light', 'dark', 'system'],
  density: ['compact', 'comfortable'],
  language: ['en', 'uk'],
  tasksView: ['list', 'board'],
  groupTasksBy: GROUP_FIELDS,
  reviewOrder: ['risk', 'newest'],
};

function load(): Preferences {
  const loaded = { ...defaults, language: navigator.language.startsWith('uk') ? 'uk' : 'en' } as Preferences;
  for (const key of Object.keys(defaults) as (keyof Preferences)[]) {
    const stored = read(key);
    if (stored === null) continue;
    const value = typeof defaults[key] === 'boolean' ? stored === 'true' : stored;
    const choices = allowed[key] as readonly unknown[] | undefined;
    if (!choices || choices.includes(value)) Object.assign(loaded, { [key]: value });
  }
  return loaded;
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(PREFIX + key);
  } catch {
    return null; // storage is off: the choice lasts as long as the page
  }
}

let current = load();
const listeners = new Set<() => void>();

function notify() {
  for (const listener of listeners) listener();
}

export function getPreferences(): Preferences {
  return current;
}

export function setPreference<K extends keyof Preferences>(key: K, value: Preferences[K]): void {
  if (current[key] === value) return;
  current = { ...current, [key]: value };
  try {
    localStorage.setItem(PREFIX + key, String(value));
  } catch {
    // as in read
  }
  applyAppearance();
  notify();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreference<K extends keyof Preferences>(key: K): Preferences[K] {
  return useSyncExternalStore(subscribe, () => current[key]);
}

/** `system` resolved against what the machine says now. */
export function isDark(theme: Theme = current.theme): boolean {
  return theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
}

export function applyAppearance(): void {
  const root = document.documentElement;
  root.classList.toggle('dark', isDark());
  root.style.colorScheme = isDark() ? 'dark' : 'light';
  root.dataset.density = current.density;
  root.lang = current.language;
}

/** Follows the machine's theme and what other tabs choose. Returns how to stop. */
export function watchAppearance(): () => void {
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const onStorage = (event: StorageEvent) => {
    if (!event.key?.startsWith(PREFIX)) return;
    current = load();
    applyAppearance();
    notify();
  };
  scheme.addEventListener('change', applyAppearance);
  window.addEventListener('storage', onStorage);
  return () => {
    scheme.removeEventListener('change', applyAppearance);
    window.removeEventListener('storage', onStorage);
  };
}

/** What is known of each media query: asking the browser makes it work out the page's styles first, which every frame of a list would pay. */
const media = new Map<string, { matches: boolean; listeners: Set<() => void> }>();

function mediaOf(query: string) {
  const known = media.get(query);
  if (known) return known;
  const list = matchMedia(query);
  const made = { matches: list.matches, listeners: new Set<() => void>() };
  list.addEventListener('change', () => {
    made.matches = list.matches;
    for (const listener of made.listeners) listener();
  });
  media.set(query, made);
  return made;
}

/** Whether a media query holds, and again when that changes. */
export function useMedia(query: string): boolean {
  const subscribeMedia = useCallback(
    (listener: () => void) => {
      const { listeners } = mediaOf(query);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    [query],
  );
  return useSyncExternalStore(subscribeMedia, () => mediaOf(query).matches);
}

/** Height of a row of a list in pixels; a finger needs 44. */
export function useRowHeight(): number {
  const density = usePreference('density');
  const coarse = useMedia('(pointer: coarse)');
  return density === 'comfortable' ? 52 : coarse ? 44 : 36;
}
