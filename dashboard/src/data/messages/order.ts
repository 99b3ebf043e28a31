import type { Message } from '@/lib/api';

/** What identifies a message: its id in its chat, from before it has one of ours. */
export function messageKey(m: Pick<Message, 'source_name' | 'chat_id' | 'external_message_id'>): string {
  return `${m.source_name}\u0000${m.chat_id ?? ''}\u0000${m.external_message_id}`;
}

/** Newest first, as the API lists; below 0 where `a` stands above `b`. One that is not stored yet is the newest of its second. */
export function newestFirst(a: Message, b: Message): number {
  if (a.sent_at !== b.sent_at) return a.sent_at > b.sent_at ? -1 : 1;
  if (a.chat_id === b.chat_id && a.source_name === b.source_name) {
    const [x, y] = [Number(a.external_message_id), Number(b.external_message_id)];
    if (Number.isSafeInteger(x) && Number.isSafeInteger(y) && x !== y) return y - x;
  }
  return (b.id || Infinity) === (a.id || Infinity) ? 0 : (b.id || Infinity) - (a.id || Infinity);
}

/**
 * Whether `next` tells more than `known`: what was loaded may be older than what has arrived live, and the other way round. `told`: it
 * came in the order in which things happen, so that it may also say that a judgement or a task is taken back.
 */
export function supersedes(next: Message, known: Message, told = false): boolean {
  if (known.persisted !== next.persisted) return next.persisted;
  const [a, b] = [next.edited_at ?? '', known.edited_at ?? ''];
  if (a !== b) return a > b;
  const [c, d] = [next.classification?.classified_at ?? '', known.classification?.classified_at ?? ''];
  if (c !== d) return c > d || (told && c === '');
  return told || next.task_id !== null || known.task_id === null;
}
