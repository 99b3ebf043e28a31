import { useTranslation } from 'react-i18next';

import { useDeadlineWords } from '@/data/deadlines';
import { cn } from '@/lib/cn';

import { isOverdue } from './triage';

/** When what is proposed is to be done; nothing where nobody said. */
export function Due({ due_at }: { due_at: string | null }) {
  const { t } = useTranslation('review');
  const say = useDeadlineWords();
  if (!due_at) return null;
  const late = isOverdue({ due_at }, new Date());
  const { text: day, exact } = say(due_at);
  return <span title={exact} className={cn('text-xs whitespace-nowrap', late ? 'font-medium text-danger' : 'text-muted')}>{late ? t('proposals.overdue', { day }) : t('proposals.due', { day })}</span>;
}
