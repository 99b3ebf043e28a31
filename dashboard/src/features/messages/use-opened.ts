import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useSearchParams } from 'react-router';

import type { Row } from '@/data/messages/feed';
import { feedsOf } from '@/data/messages/queries';
import type { Message } from '@/lib/api';

interface Opened {
  id: number | null;
  key: string | null;
  message: Message | null;
}

/**
 * The message that is shown beside the list: its id in the address once it has one, its key from the moment it arrives.
 */
export function useOpened(feed: { row: (key: string) => Row | undefined; state: () => { keys: readonly string[] } }, version: number) {
  const cache = useQueryClient();
  const [parameters, setParameters] = useSearchParams();
  const [key, setKey] = useState<string | null>(null);
  const inAddress = Number(parameters.get('id')) || null;
  const row = key ? feed.row(key) : undefined;
  const keyFits = row && (row.message.id === inAddress || (row.message.id === 0 && inAddress === null) || (row.message.id > 0 && inAddress === null));
  const message = keyFits ? row.message : inAddress ? (feedsOf(cache).find(inAddress) ?? null) : null;
  const foundKey = message ? (keyFits ? key : (feed.state().keys.find((k) => feed.row(k)?.message.id === message.id) ?? null)) : null;

  const setId = (id: number | null, replace: boolean) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (id) after.set('id', String(id));
        else after.delete('id');
        return after;
      },
      { replace },
    );
  // One that was chosen before it was stored gets its place in the address once it is.
  const stored = keyFits && row.message.id > 0 && inAddress === null ? row.message.id : null;
  useEffect(() => {
    if (stored) setId(stored, true);
  }, [stored, version]);

  const select = (to: { id: number | null; key: string | null }) => {
    setKey(to.key);
    setId(to.id, inAddress !== null);
  };
  const close = () => {
    setKey(null);
    setId(null, false);
  };
  const opened: Opened = { id: message?.id || inAddress, key: foundKey, message };
  return [opened, select, close] as const;
}
