import type { QueryClient } from '@tanstack/react-query';

import type { Message, MessageDetail } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import type { LiveHandlers } from '@/live/live';

import { messageKey } from './order';
import { feedsOf } from './queries';

/** The values to filter by change with every new author at most; nobody waits for them. */
const rereadFilters = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: keys.messages.filters }), 10_000));
const rereadConversations = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: ['messages', 'around'] }), 3000));

/** Puts messages as they are now into all that shows them. */
export function putMessages(cache: QueryClient, messages: readonly Message[]): void {
  feedsOf(cache).receive(messages);
  rereadFilters(cache)();
  const open = cache.getQueriesData<MessageDetail>({ queryKey: ['messages', 'detail'] });
  let touched = false;
  for (const [queryKey, detail] of open) {
    if (!detail) continue;
    for (const message of messages) {
      if (message.chat_id !== detail.chat_id) continue;
      touched = true;
      if (messageKey(message) === messageKey(detail)) {
        // The earlier versions and the raw payload come by HTTP only.
        if (message.edited_at !== detail.edited_at) void cache.invalidateQueries({ queryKey, exact: true });
        else cache.setQueryData<MessageDetail>(queryKey, { ...detail, ...message });
      } else if (message.persisted && message.reply_to_external_id === detail.external_message_id) {
        void cache.invalidateQueries({ queryKey, exact: true });
      }
    }
  }
  if (touched) rereadConversations(cache)();
}

export const messagesLive: LiveHandlers = {
  'message.new': (frames, cache) => putMessages(cache, frames.map((frame) => frame.data)),
  'message.updated': (frames, cache) => putMessages(cache, frames.map((frame) => frame.data)),
  resync: (_frames, cache) => feedsOf(cache).reload(),
};
