import type { Message } from '@/lib/api';

/** A piece of a description: what a person wrote, or what somebody is quoted with. */
export type Block = { kind: 'text'; text: string } | { kind: 'quote'; text: string; author: string | null; at: string | null };

/** As tasks that are made of a conversation name who said what follows (services/worker/internal/decide). */
const attribution = /^(.+), (\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}) UTC:$/;

/** Takes a description apart; all that is no quote stays as it was written. */
export function blocksOf(description: string): Block[] {
  const blocks: Block[] = [];
  let text: string[] = [];
  const flush = () => {
    const joined = text.join('\n').replace(/^\n+|\s+$/g, '');
    if (joined) blocks.push({ kind: 'text', text: joined });
    text = [];
  };
  const lines = description.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const said = attribution.exec(line);
    const quoted = (at: number) => /^>( |$)/.test(lines[at] ?? '');
    if (!quoted(i) && !(said && quoted(i + 1))) {
      text.push(line);
      continue;
    }
    flush();
    if (said) i++;
    const words: string[] = [];
    for (; quoted(i); i++) words.push((lines[i] ?? '').slice(2));
    i--;
    blocks.push({ kind: 'quote', text: words.join('\n'), author: said?.[1] ?? null, at: said ? `${said[2]}T${said[3]}:00Z` : null });
  }
  flush();
  return blocks;
}

/** Whether a block is what one of these messages says, of its author and minute: the beginning of it where it was cut. */
export function saidBy(block: Block, messages: readonly Pick<Message, 'content' | 'author' | 'sent_at'>[]): boolean {
  if (block.kind === 'text') return block.text === '…'; // stands for quotes that were left out
  if (block.at === null) return false;
  const minute = Math.floor(Date.parse(block.at) / 60_000);
  const plain = (text: string) => text.replace(/\s+/g, ' ').trim();
  const words = plain(block.text.replace(/…$/, ''));
  return messages.some(({ content, author, sent_at }) => Math.floor(Date.parse(sent_at) / 60_000) === minute && (author || 'Unknown') === block.author && plain(content).startsWith(words));
}
