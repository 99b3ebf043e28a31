import type { Message, TaskCreate } from '@/lib/api';
import { firstCharacters } from '@/lib/characters';
import { shownContent } from '@/lib/content';
import { issueOf } from '@/lib/issue';

const MAX_TITLE = 120;

/** The one that says best what is to be done first (what somebody or the machine found to be an issue, else the oldest), then as they were said. */
export function mainFirst(messages: readonly Message[]): Message[] {
  const told = [...messages].sort((a, b) => (a.sent_at < b.sent_at ? -1 : 1));
  const main = told.find(({ classification }) => classification?.is_issue) ?? told[0];
  return main ? [main, ...told.filter((message) => message !== main)] : [];
}

/** What a task made from messages begins with, in the reader's words where they have none. They lead to it from then on, and stand beside it as evidence. */
export function taskFromMessages(messages: readonly Message[], t: Parameters<typeof shownContent>[1]): Partial<TaskCreate> {
  const ordered = mainFirst(messages);
  const [main] = ordered;
  if (!main) return {};
  return {
    title: firstLine(shownContent(main.content, t)),
    description: ordered.length === 1 ? shownContent(main.content, t) : ordered.map(({ author, content }) => `${author}:\n> ${shownContent(content, t).trim().replaceAll('\n', '\n> ')}`).join('\n\n'),
    source: main.source_name,
    source_message_ids: ordered.flatMap(({ id }) => (id ? [id] : [])),
    ...(issueOf(main.classification) ?? {}),
  };
}

function firstLine(content: string): string {
  const line = content.trim().split('\n', 1)[0]?.trim() ?? '';
  const cut = firstCharacters(line, MAX_TITLE);
  if (cut === line) return line;
  const space = cut.lastIndexOf(' ');
  return `${cut.slice(0, space > cut.length / 2 ? space : cut.length).trimEnd()}…`;
}
