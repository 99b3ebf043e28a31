import { queryOptions, type QueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { api, unwrap, unwrapPage, type Message, type MessageDetail, type Page } from '@/lib/api';
import { isoDay, timeZone } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { perKey } from '@/lib/throttle';

import { MessageFeed, type FeedState } from './feed';
import type { MessageFilter } from './filter';
import { messageKey } from './order';

const PAGE = 100;

export const messageFiltersQuery = queryOptions({
  queryKey: keys.messages.filters,
  queryFn: ({ signal }) => unwrap(api.GET('/api/messages/filters', { signal })),
});

export const messageQuery = (id: number) =>
  queryOptions({
    queryKey: keys.messages.detail(id),
    queryFn: ({ signal }): Promise<MessageDetail> => unwrap(api.GET('/api/messages/{id}', { params: { path: { id } }, signal })),
  });

/** Pages read at most in search of a message within its day: 5 of 200. */
const AROUND_PAGES = 5;

/**
 * The conversation of a message's chat on its day, oldest first, as far as it takes to have the message and what
 * came before it. The API pages from the newest, so a message deep in a busy day may not be reached; then the
 * list is empty and its replies tell the story.
 */
export const conversationQuery = (message: Pick<Message, 'id' | 'chat_id' | 'sent_at'>) => {
  const on = isoDay(new Date(message.sent_at));
  return queryOptions({
    queryKey: [...keys.messages.around(message.chat_id ?? '', on), message.id],
    enabled: message.chat_id !== null,
    queryFn: async ({ signal }): Promise<Message[]> => {
      const found: Message[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < AROUND_PAGES; page++) {
        const { items, next }: Page<Message> = await page200(message.chat_id ?? '', on, cursor, signal);
        found.push(...items);
        const at = found.findIndex((m) => m.id === message.id);
        if (at >= 0 && (found.length - at > BEFORE || !next)) return found.slice(Math.max(0, at - AFTER), at + BEFORE + 1).reverse();
        if (!next) break;
        cursor = next;
      }
      return [];
    },
  });
};

function page200(chat: string, on: string, cursor: string | null, signal: AbortSignal): Promise<Page<Message>> {
  const query = { limit: 200, chat_id: chat, date_from: on, date_to: on, tz: timeZone(), ...(cursor ? { cursor } : {}) };
  return unwrapPage(api.GET('/api/messages', { params: { query }, signal }));
}

/** Messages of the conversation that are shown before and after the chosen one. */
const BEFORE = 6;
const AFTER = 6;

/** Feeds that stay warm for going back and forth between filters. */
const WARM = 3;

class Feeds {
  #feeds = new Map<string, MessageFeed>();

  get(filter: MessageFilter): MessageFeed {
    const name = JSON.stringify(Object.entries(filter).sort());
    const known = this.#feeds.get(name);
    if (known) {
      this.#feeds.delete(name);
      this.#feeds.set(name, known);
      return known;
    }
    const feed = new MessageFeed({
      filter,
      fetchPage: (cursor) => {
        const query = { ...filter, limit: PAGE, tz: timeZone(), ...(cursor ? { cursor } : {}) };
        return unwrapPage(api.GET('/api/messages', { params: { query } }));
      },
    });
    this.#feeds.set(name, feed);
    void feed.load();
    for (const [other, old] of this.#feeds) {
      if (this.#feeds.size <= WARM) break;
      if (!old.watched && old !== feed) this.#feeds.delete(other);
    }
    return feed;
  }

  receive(messages: readonly Message[]): void {
    for (const feed of this.#feeds.values()) feed.receive(messages);
  }

  reload(): void {
    for (const [name, feed] of this.#feeds) {
      if (feed.watched) void feed.load();
      else this.#feeds.delete(name);
    }
  }

  /** Chats that the lists have seen, by id, with their names. */
  chats(): Map<string, string> {
    const found = new Map<string, string>();
    for (const feed of this.#feeds.values()) {
      for (const key of feed.state().keys) {
        const message = feed.row(key)?.message;
        if (message?.chat_id) found.set(message.chat_id, message.chat_name ?? message.chat_id);
      }
    }
    return found;
  }

  /** The newest version of a message that any list knows. */
  find(id: number): Message | undefined {
    for (const feed of this.#feeds.values()) {
      for (const key of feed.state().keys) {
        const message = feed.row(key)?.message;
        if (message?.id === id) return message;
      }
    }
    return undefined;
  }
}

export const feedsOf = perKey((_cache: QueryClient) => new Feeds());

/** The list for a filter, and its state now. Rows are read with `feed.row(key)`. */
export function useMessageFeed(cache: QueryClient, filter: MessageFilter): { feed: MessageFeed; state: FeedState } {
  const feed = useMemo(() => feedsOf(cache).get(filter), [cache, filter]);
  const state = useSyncExternalStore(feed.subscribe, feed.state);
  useEffect(() => {
    if (feed.state().status === 'error') void feed.load();
  }, [feed]);
  return { feed, state };
}

export { messageKey };
