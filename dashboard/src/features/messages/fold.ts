import type { Row } from '@/data/messages/feed';

/** A line of the list: one message, or the newest of neighbours in one topic. */
export interface Line {
  key: string;
  row: Row;
  /** Rows that this line stands for, itself included. */
  count: number;
  /** It belongs to the topic of the line above, which is unfolded. */
  inner: boolean;
  unfolded: boolean;
}

/** Two neighbours of one topic are not worth hiding. */
const FOLD_FROM = 3;

const topic = ({ message: m }: Row) => (m.thread_id === null ? null : `${m.source_name} ${m.chat_id} ${m.thread_id}`);

/**
 * Folds runs of neighbours of one topic into one line. Unfolded runs are named by the key of their oldest row: newer ones
 * join at the other end, and the run stays open.
 */
export function fold(rows: readonly Row[], enabled: boolean, unfolded: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  for (let i = 0; i < rows.length; ) {
    const row = rows[i] as Row;
    const name = enabled ? topic(row) : null;
    let end = i + 1;
    if (name !== null) while (end < rows.length && topic(rows[end] as Row) === name) end++;
    const count = end - i;
    const open = count >= FOLD_FROM && unfolded.has((rows[end - 1] as Row).key);
    if (count >= FOLD_FROM && !open) {
      lines.push({ key: row.key, row, count, inner: false, unfolded: false });
    } else {
      for (let at = i; at < end; at++) {
        const each = rows[at] as Row;
        lines.push({ key: each.key, row: each, count: at === i && open ? count : 1, inner: open && at > i, unfolded: open });
      }
    }
    i = end;
  }
  return lines;
}

/** The name of the run that begins at this line, for `unfolded`. */
export function runName(lines: readonly Line[], rows: readonly Row[], index: number): string {
  const line = lines[index];
  if (!line) return '';
  const at = rows.findIndex((row) => row.key === line.key);
  return rows[at + line.count - 1]?.key ?? line.key;
}
