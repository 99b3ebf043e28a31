import { queryOptions } from '@tanstack/react-query';

import type { components } from '@/api/schema';
import { api, unwrap } from '@/lib/api';
import { keys } from '@/lib/query-keys';

type Schemas = components['schemas'];

export type AISettings = Schemas['AISettings'];
export type AISettingsChange = Schemas['AISettingsChange'];
export type AIProvider = Schemas['AIProvider'];
export type AIAdapters = Schemas['AIAdapters'];
export type AIAdapter = Schemas['AIAdapter'];
export type AITestReport = Schemas['AITestReport'];

/** All begin with keys.settings: the frame `settings_updated` reads anew those that are shown. */
const key = (name: string) => [...keys.settings, 'ai', name] as const;

export const aiSettingsQuery = queryOptions({
  queryKey: key('settings'),
  queryFn: ({ signal }) => unwrap(api.GET('/api/ai/settings', { signal })),
});

export const aiProvidersQuery = queryOptions({
  queryKey: key('providers'),
  queryFn: ({ signal }) => unwrap(api.GET('/api/ai/providers', { signal })),
});

/** Who judges first cannot, or has to be asked later; one that was not asked yet is no trouble. */
export const cannotJudge = ({ state }: AIProvider) => state !== 'ready' && state !== 'unknown';

export const aiAdaptersQuery = queryOptions({
  queryKey: key('adapters'),
  queryFn: ({ signal }) => unwrap(api.GET('/api/ai/adapters', { signal })),
});

/** Asked for by a person only: it calls the server of that address, or of the settings where it is undefined. */
export const aiModelsQuery = (baseURL: string | undefined) =>
  queryOptions({
    queryKey: [...keys.settings, 'ai-models', baseURL ?? ''] as const,
    queryFn: ({ signal }) => unwrap(api.GET('/api/ai/models', { params: { query: baseURL ? { base_url: baseURL } : {} }, signal })),
    enabled: false,
    retry: false,
  });
