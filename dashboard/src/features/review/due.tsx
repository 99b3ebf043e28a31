import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';
import { cn } from '@/lib/cn';
import { formatDay } from '@/lib/format';

import { isOverdue } from './triage';

/** When what is proposed is to be done; nothing where nobody said. */
export function Due({ due_at }: { due_at: string | null }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  if (!due_at) return null;
  const late = isOverdue({ due_at }, new Date());
  const day = formatDay(new Date(due_at), language);
  return <span className={cn('text-xs whitespace-nowrap', late ? 'font-medium text-danger' : 'text-muted')}>{late ? t('proposals.overdue', { day }) : t('proposals.due', { day })}</span>;
}
