interface Block {
  kind: 'heading' | 'list' | 'text';
  lines: string[];
}

/** Headings, lists and paragraphs: what a run writes. Everything else is text as it stands; nothing becomes markup. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: Block | undefined;
  for (const line of text.split('\n')) {
    const heading = /^#{1,6}\s+(.+)$/.exec(line)?.[1];
    const item = /^\s*[-*]\s+(.+)$/.exec(line)?.[1];
    if (line.trim() === '') {
      open = undefined;
    } else if (heading) {
      blocks.push({ kind: 'heading', lines: [heading] });
      open = undefined;
    } else {
      const kind = item ? 'list' : 'text';
      if (open?.kind !== kind) {
        open = { kind, lines: [] };
        blocks.push(open);
      }
      open.lines.push(item ?? line);
    }
  }
  return blocks;
}

export function SummaryText({ text }: { text: string }) {
  return (
    <div dir="auto" className="space-y-2 text-sm break-words">
      {blocksOf(text).map(({ kind, lines }, i) =>
        kind === 'heading' ? (
          <h4 key={i} className="pt-2 font-semibold">
            {lines[0]}
          </h4>
        ) : kind === 'list' ? (
          <ul key={i} className="list-disc space-y-1 pl-5">
            {lines.map((line, j) => (
              <li key={j}>{line}</li>
            ))}
          </ul>
        ) : (
          <p key={i} className="whitespace-pre-line text-muted">
            {lines.join('\n')}
          </p>
        ),
      )}
    </div>
  );
}
