import type { Message } from './api';

type Classification = NonNullable<Message['classification']>;

/** What a message asks for; null while nobody has judged it, and where there is nothing to do. */
export function issueOf(classification: Message['classification']): {
  category: NonNullable<Classification['category']>;
  priority: NonNullable<Classification['priority']>;
} | null {
  if (!classification?.is_issue) return null;
  return { category: classification.category ?? 'chore', priority: classification.priority ?? 'medium' };
}
