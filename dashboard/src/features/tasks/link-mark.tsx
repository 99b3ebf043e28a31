import { Copy } from 'lucide-react';

import { useWords } from '@/i18n/words';
import type { Task } from '@/lib/api';

/** Marks a task about which it is asked whether another is the same, or that was merged. */
export function LinkMark({ task }: { task: Task }) {
  const t = useWords('tasks');
  if (task.duplicate_of_id === null && (task.open_links === 0 || task.status === 'cancelled')) return null;
  const text = task.duplicate_of_id === null ? t('links.mark', { count: task.open_links }) : `${t('links.mergedInto')} #${task.duplicate_of_id}`;
  return (
    <span role="img" aria-label={text} title={text} className="shrink-0 text-muted">
      <Copy className="size-3.5" aria-hidden />
    </span>
  );
}
