/** What stands for content without words, as `pkg/telegram` writes it; a name that begins with another before that one. */
const KINDS = [
  'animation', 'live photo', 'venue', 'photo', 'video note', 'video', 'voice', 'audio', 'file', 'sticker', 'poll', 'checklist', 'location',
  'contact', 'dice', 'story', 'game', 'paid media', 'invoice', 'giveaway winners', 'giveaway', 'unsupported',
] as const;
export type PlaceholderKind = (typeof KINDS)[number];

const placeholder = new RegExp(`^\\[(${KINDS.join('|')})( [^\\]]*)?\\](?:$| )`);

/** What a message says; where it is a placeholder such as `[photo]`, in the reader's language. */
export function shownContent(content: string, t: (key: `common:placeholder.${PlaceholderKind}`) => string): string {
  if (!content.startsWith('[')) return content;
  const found = placeholder.exec(content);
  if (!found) return content;
  const [head, kind, details = ''] = found;
  return `[${t(`common:placeholder.${kind as PlaceholderKind}`)}${details}]${content.slice(head.trimEnd().length)}`;
}
