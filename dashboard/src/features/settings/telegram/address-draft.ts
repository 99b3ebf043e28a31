import { useState } from 'react';

import type { WebhookAddress } from '@/data/telegram';

const KEY = 'tasktracker.draft.webhook-address';

/** An address that was typed and not saved. */
interface Draft {
  address: WebhookAddress;
  /** What the server had when typing began: if it has changed since, the reader is told. */
  typedOver: WebhookAddress;
}

const isAddress = (value: unknown): value is WebhookAddress =>
  typeof value === 'object' && value !== null && 'host' in value && typeof value.host === 'string' && 'protocol' in value && (value.protocol === 'http' || value.protocol === 'https');

function read(): Draft | null {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof stored !== 'object' || stored === null || !('address' in stored) || !('typedOver' in stored)) return null;
    return isAddress(stored.address) && isAddress(stored.typedOver) ? { address: stored.address, typedOver: stored.typedOver } : null;
  } catch {
    return null; // storage is off, or holds what another version wrote
  }
}

function write(draft: Draft | null): void {
  try {
    if (draft) localStorage.setItem(KEY, JSON.stringify(draft));
    else localStorage.removeItem(KEY);
  } catch {
    // the draft lasts as long as the page
  }
}

export const sameAddress = (a: WebhookAddress, b: WebhookAddress) => a.protocol === b.protocol && a.host.trim() === b.host.trim();
export const addressText = ({ protocol, host }: WebhookAddress) => `${protocol}://${host.trim()}`;

/**
 * The address as the form shows it. Without a draft it is the server's and follows it. A draft survives a reload, and
 * while it differs from what the server has `differs` is true, which the form must say.
 */
export function useAddressDraft(server: WebhookAddress) {
  const [draft, setDraft] = useState(read);
  const put = (next: Draft | null) => {
    write(next);
    setDraft(next);
  };
  const differs = draft !== null && !sameAddress(draft.address, server);
  return {
    address: draft?.address ?? server,
    differs,
    /** The server's value was changed by someone else after typing began. */
    changedMeanwhile: differs && !sameAddress(draft.typedOver, server),
    type: (address: WebhookAddress) => put({ address, typedOver: draft?.typedOver ?? server }),
    discard: () => put(null),
  };
}
