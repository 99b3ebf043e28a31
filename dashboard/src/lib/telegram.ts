import type { Message } from './api';

/**
 * Address of a message in Telegram's own clients, for those who are in the chat. Telegram has one for supergroups and
 * channels only: their ids are -100 and the number that the address wants.
 */
export function telegramLink(message: Pick<Message, 'source_name' | 'chat_id' | 'thread_id' | 'external_message_id'>): string | null {
  if (message.source_name !== 'telegram' || !/^\d+$/.test(message.external_message_id)) return null;
  const chat = /^-100(\d+)$/.exec(message.chat_id ?? '')?.[1];
  if (!chat) return null;
  const topic = message.thread_id && /^\d+$/.test(message.thread_id) ? `${message.thread_id}/` : '';
  return `https://t.me/c/${chat}/${topic}${message.external_message_id}`;
}
