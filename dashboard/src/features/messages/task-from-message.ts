import type { Message, TaskCreate } from '@/lib/api';
import { issueOf } from '@/lib/issue';
import { telegramLink } from '@/lib/telegram';

const MAX_TITLE = 120;

/**
 * What a task made from a message begins with. The API takes no link to the message when a task is created by hand, so
 * the description says where it came from.
 */
export function taskFromMessage(message: Message, origin: string): Partial<TaskCreate> {
  const link = telegramLink(message) ?? new URL(`/messages?id=${message.id}`, origin).href;
  const from = [message.author, message.chat_name].filter(Boolean).join(', ');
  return {
    title: firstLine(message.content),
    description: `${message.content}\n\n— ${from}\n${link}`,
    source: message.source_name,
    ...(issueOf(message.classification) ?? {}),
  };
}

function firstLine(content: string): string {
  const line = content.trim().split('\n', 1)[0]?.trim() ?? '';
  if (line.length <= MAX_TITLE) return line;
  const cut = line.slice(0, MAX_TITLE);
  const space = cut.lastIndexOf(' ');
  return `${cut.slice(0, space > MAX_TITLE / 2 ? space : MAX_TITLE).trimEnd()}…`;
}
