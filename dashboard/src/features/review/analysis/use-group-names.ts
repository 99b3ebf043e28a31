import { useQuery } from '@tanstack/react-query';

import { webhookSettingsQuery } from '@/data/settings';
import { api, unwrap } from '@/lib/api';
import { timeZone } from '@/lib/format';
import { keys } from '@/lib/query-keys';

import type { Days } from './span';

/** Names of groups by id: those that are monitored, and those of the last messages of the days. */
export function useGroupNames({ from, to }: Days): Map<string, string> {
  const { data } = useQuery(webhookSettingsQuery);
  const query = { limit: 200, date_from: from, date_to: to, tz: timeZone() };
  const messages = useQuery({
    queryKey: [...keys.messages.filters, query],
    queryFn: ({ signal }) => unwrap(api.GET('/api/messages', { params: { query }, signal })),
    staleTime: 60_000,
  });
  const groups = new Map<string, string>();
  for (const { id, name } of data?.telegram?.groups ?? []) groups.set(String(id), name ?? String(id));
  for (const { chat_id, chat_name } of messages.data ?? []) if (chat_id) groups.set(chat_id, chat_name ?? groups.get(chat_id) ?? chat_id);
  return groups;
}
