import type { Message, TaskCreate } from '@/lib/api';
import { issueOf } from '@/lib/issue';

const MAX_TITLE = 120;

/** What a task made from a message begins with. The message leads to it from then on, and stands beside it as evidence. */
export function taskFromMessage(message: Message): Partial<TaskCreate> {
  return {
    title: firstLine(message.content),
    description: message.content,
    source: message.source_name,
    source_message_ids: message.id ? [message.id] : [],
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
