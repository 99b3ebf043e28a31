import type { Message } from './api';

type Known = Pick<Message, 'source_name' | 'chat_id' | 'thread_id' | 'external_message_id'> & {
  /** What the channel delivered, where it is known: it names public chats. */
  raw?: Record<string, unknown> | null;
};

/**
 * Address of a message in Telegram's own clients: of a public chat by its name, for everyone; of another supergroup or
 * channel, whose id is -100 and the number that the address wants, for those who are in it. Others have none.
 */
export function telegramLink(message: Known): string | null {
  if (message.source_name !== 'telegram' || !/^\d+$/.test(message.external_message_id)) return null;
  const topic = message.thread_id && /^\d+$/.test(message.thread_id) ? `${message.thread_id}/` : '';
  const name = publicName(message.raw);
  if (name) return `https://t.me/${name}/${topic}${message.external_message_id}`;
  const chat = /^-100(\d+)$/.exec(message.chat_id ?? '')?.[1];
  return chat ? `https://t.me/c/${chat}/${topic}${message.external_message_id}` : null;
}

/** `raw` is an update, or the message of one. A person's name is no place of a message. */
function publicName(raw: Record<string, unknown> | null | undefined): string | null {
  const inner = ['message', 'edited_message', 'channel_post', 'edited_channel_post'].map((kind) => raw?.[kind]).find((part) => part !== undefined);
  const { chat } = (inner ?? raw ?? {}) as { chat?: { type?: unknown; username?: unknown } };
  if (chat?.type !== 'supergroup' && chat?.type !== 'channel') return null;
  return typeof chat.username === 'string' && /^[A-Za-z]\w{3,31}$/.test(chat.username) ? chat.username : null;
}
