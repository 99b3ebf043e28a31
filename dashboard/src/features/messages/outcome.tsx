import type { TFunction } from 'i18next';
import { CircleSlash, ListChecks } from 'lucide-react';

import { categoryLook } from '@/components/chips';
import { Badge } from '@/components/ui/badge';
import type { Message } from '@/lib/api';
import { issueOf } from '@/lib/issue';

/** What became of a message, in a word: its task, its kind, or that there is nothing to do. Nothing while nothing is decided. */
export function Outcome({ message, t }: { message: Message; t: TFunction<['messages', 'common']> }) {
  if (!message.persisted) return <Badge>{t('saving')}</Badge>;
  if (message.task_id !== null) {
    return (
      <Badge tone="primary">
        <ListChecks aria-hidden />
        {t('taskNumber', { id: message.task_id })}
      </Badge>
    );
  }
  if (!message.classification) return null;
  const issue = issueOf(message.classification);
  if (!issue) {
    return (
      <Badge>
        <CircleSlash aria-hidden />
        {t('nothingToDo')}
      </Badge>
    );
  }
  const { icon: Icon, tone } = categoryLook[issue.category];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {t(`common:category.${issue.category}`)}
    </Badge>
  );
}
