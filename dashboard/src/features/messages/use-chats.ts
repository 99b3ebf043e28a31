import { useQuery, useQueryClient } from '@tanstack/react-query';

import { feedsOf } from '@/data/messages/queries';
import { webhookSettingsQuery } from '@/data/settings';

/** Names of the chats by id: those that are monitored, and those that the lists have seen. */
export function useChats(): Map<string, string> {
  const cache = useQueryClient();
  const { data } = useQuery(webhookSettingsQuery);
  const chats = feedsOf(cache).chats();
  for (const { id, name } of data?.telegram?.groups ?? []) if (!chats.has(String(id))) chats.set(String(id), name ?? String(id));
  return chats;
}
