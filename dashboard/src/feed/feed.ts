import type { Message, Task } from '../api/client';
import type { Frame } from '../live/frames';

/** What the page shows, newest first. */
export interface Feed {
  messages: Message[];
  tasks: Task[];
}

/** The page shows the newest only; more is the API's business. */
export const SHOWN = 200;

/** A Telegram message id is unique only within its chat. */
export const messageKey = (m: Pick<Message, 'source_name' | 'chat_id' | 'external_message_id'>): string =>
  JSON.stringify([m.source_name, m.chat_id, m.external_message_id]);

const newestFirst = (a: Message, b: Message) => b.sent_at.localeCompare(a.sent_at) || b.id - a.id;

export function withMessage(feed: Feed, message: Message): Feed {
  const key = messageKey(message);
  const known = feed.messages.find((m) => messageKey(m) === key);
  // message.new may come after message.updated where the two took different ways.
  if (known?.persisted && !message.persisted) return feed;
  // What was loaded may be older than what has arrived live meanwhile.
  if (known && (known.edited_at ?? '') > (message.edited_at ?? '')) return feed;
  const others = feed.messages.filter((m) => m !== known);
  return { ...feed, messages: [message, ...others].sort(newestFirst).slice(0, SHOWN) };
}

export function withTask(feed: Feed, task: Task): Feed {
  const known = feed.tasks.find((t) => t.id === task.id);
  if (known && known.updated_at > task.updated_at) return feed;
  const others = feed.tasks.filter((t) => t !== known);
  return { ...feed, tasks: [task, ...others].sort((a, b) => b.id - a.id).slice(0, SHOWN) };
}

/** Applies a frame; the same feed comes back where it changes nothing. */
export function apply(feed: Feed, frame: Frame): Feed {
  switch (frame.type) {
    case 'message.new':
    case 'message.updated':
      return withMessage(feed, frame.data);
    case 'task_created':
    case 'task_updated':
      return withTask(feed, frame.data);
    default:
      return feed;
  }
}
