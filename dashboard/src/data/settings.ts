import { queryOptions } from '@tanstack/react-query';

import { api, unwrap } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import type { LiveHandlers } from '@/live/live';

export const settingsQuery = queryOptions({
  queryKey: [...keys.settings, 'main'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/settings', { signal })),
});

export const webhookSettingsQuery = queryOptions({
  queryKey: [...keys.settings, 'webhook'],
  queryFn: ({ signal }) => unwrap(api.GET('/api/webhook-settings', { signal })),
});

export const settingsLive: LiveHandlers = {
  settings_updated: (_frames, cache) => void cache.invalidateQueries({ queryKey: keys.settings }),
};
