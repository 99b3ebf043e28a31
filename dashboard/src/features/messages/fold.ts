import type { Row } from '@/data/messages/feed';

/** A line of the list: one message, or one for neighbours of one topic or album. */
export interface Line {
  /** Of the newest row that it stands for. */
  key: string;
  /** The row that is shown: the newest of a topic, of an album the one with words. */
  row: Row;
  kind: 'message' | 'topic' | 'album';
  /** Rows that this line stands for, itself included. */
  count: number;
  /** It belongs to the topic of the line above, which is unfolded. */
  inner: boolean;
  unfolded: boolean;
}

/** Two neighbours of one topic are not worth hiding; an album is one thing that was said. */
const FOLD_FROM = { topic: 3, album: 2 };

interface Run {
  kind: 'topic' | 'album';
  name: string;
}

function runOf({ message: m }: Row): Run | null {
  if (m.media_group_id !== null) return { kind: 'album', name: `${m.source_name} ${m.chat_id} ${m.media_group_id}` };
  return m.thread_id === null ? null : { kind: 'topic', name: `${m.source_name} ${m.chat_id} ${m.thread_id}` };
}

/** What stands for a picture or a file without words. */
const isPlaceholder = (content: string) => /^\[[^\]]*\]$/.test(content.trim());

/**
 * Folds runs of neighbours of one topic or album into one line. Unfolded runs are named by the key of their oldest row: newer ones
 * join at the other end, and the run stays open.
 */
export function fold(rows: readonly Row[], enabled: boolean, unfolded: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  for (let i = 0; i < rows.length; ) {
    const row = rows[i] as Row;
    const run = enabled ? runOf(row) : null;
    let end = i + 1;
    if (run) while (end < rows.length && same(run, runOf(rows[end] as Row))) end++;
    const count = end - i;
    const kind = run && count >= FOLD_FROM[run.kind] ? run.kind : 'message';
    const open = unfolded.has((rows[end - 1] as Row).key);
    if (kind === 'message') {
      for (let at = i; at < end; at++) lines.push(plainLine(rows[at] as Row));
    } else if (!open) {
      const withWords = kind === 'album' ? rows.slice(i, end).find(({ message: m }) => !isPlaceholder(m.content)) : undefined;
      lines.push({ key: row.key, row: withWords ?? row, kind, count, inner: false, unfolded: false });
    } else {
      for (let at = i; at < end; at++) {
        const each = rows[at] as Row;
        lines.push({ key: each.key, row: each, kind, count: at === i ? count : 1, inner: at > i, unfolded: true });
      }
    }
    i = end;
  }
  return lines;
}

/** A row that is as it was has the line that it had, so that it is not drawn anew. */
const plain = new WeakMap<Row, Line>();

function plainLine(row: Row): Line {
  const line = plain.get(row) ?? { key: row.key, row, kind: 'message', count: 1, inner: false, unfolded: false };
  plain.set(row, line);
  return line;
}

const same = (a: Run, b: Run | null) => b !== null && a.kind === b.kind && a.name === b.name;

/** The name of the run that begins at this line, for `unfolded`. */
export function runName(lines: readonly Line[], rows: readonly Row[], index: number): string {
  const line = lines[index];
  if (!line) return '';
  const at = rows.findIndex((row) => row.key === line.key);
  return rows[at + line.count - 1]?.key ?? line.key;
}

/** The rows that a line stands for: all of a folded one. */
export function rowsOf(lines: readonly Line[], rows: readonly Row[], index: number): readonly Row[] {
  const line = lines[index];
  if (!line) return [];
  if (line.unfolded || line.count === 1) return [line.row];
  const at = rows.findIndex((row) => row.key === line.key);
  return rows.slice(at, at + line.count);
}
