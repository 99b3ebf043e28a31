import { queryOptions } from '@tanstack/react-query';
import { useMemo } from 'react';

import type { components } from '@/api/schema';

import { api, unwrap } from './api';
import { getPreferences, setPreference, usePreference } from './preferences';
import { keys } from './query-keys';

export type SharedView = components['schemas']['View'];

/** The views that everybody has; the frame `settings_updated` reads them anew where they are shown. */
export const sharedViewsQuery = queryOptions({
  queryKey: [...keys.settings, 'views'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/views', { signal })),
});

export type ViewPage = 'messages' | 'tasks';

/** A filter under a name. */
export interface View {
  name: string;
  /** As it stands in the address, without the question mark. */
  query: string;
}

/** The list stays short enough to be read. */
const MOST = 30;
const preference = { messages: 'messageViews', tasks: 'taskViews' } as const;

/** What of an address is the view: not what happens to be open. */
export function viewQuery(search: string): string {
  const parameters = new URLSearchParams(search);
  for (const open of ['id', 'task', 'new']) parameters.delete(open);
  parameters.sort();
  return parameters.toString();
}

/** What was stored may be older than this code, or be typed by a person. */
function parseViews(stored: string): View[] {
  try {
    const list: unknown = JSON.parse(stored);
    if (!Array.isArray(list)) return [];
    return list.filter((each): each is View => typeof each?.name === 'string' && typeof each?.query === 'string').slice(0, MOST);
  } catch {
    return [];
  }
}

export function useViews(page: ViewPage): View[] {
  const stored = usePreference(preference[page]);
  return useMemo(() => parseViews(stored), [stored]);
}

/** One of the same name is replaced. */
export function saveView(page: ViewPage, view: View): void {
  const others = parseViews(getPreferences()[preference[page]]).filter(({ name }) => name !== view.name);
  setPreference(preference[page], JSON.stringify([view, ...others].slice(0, MOST)));
}

export function removeView(page: ViewPage, name: string): void {
  setPreference(preference[page], JSON.stringify(parseViews(getPreferences()[preference[page]]).filter((view) => view.name !== name)));
}
