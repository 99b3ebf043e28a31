import { CircleUserRound, MessagesSquare } from 'lucide-react';

import { Avatar } from '@/components/avatar';
import { categoryLook, Labelled, priorityLook, statusLook } from '@/components/chips';
import { NOBODY, type Due } from '@/data/tasks/filter';
import { useWords } from '@/i18n/words';

import type { Group } from './use-groups';

const looks = { ...statusLook, ...priorityLook, ...categoryLook };

/** What the tasks of a group have in common, as text. */
export function useGroupWords(): (group: Pick<Group, 'field' | 'value' | 'name'>) => string {
  const t = useWords(['tasks', 'common']);
  return ({ field, value, name }) => {
    if (field === 'due') return t(`due.${value as Due}`);
    if (field === 'assignee') return value === NOBODY ? t('nobody') : value;
    if (field === 'chat_id') return value === NOBODY ? t('noChat') : (name ?? value);
    return t(`common:${field}.${value}` as 'common:status.open');
  };
}

/** The same with its sign. */
export function GroupName({ group }: { group: Group }) {
  const text = useGroupWords()(group);
  const { field, value } = group;
  if (field === 'due') return text;
  if (field === 'chat_id') {
    return (
      <span className="inline-flex min-w-0 items-center gap-1.5">
        <MessagesSquare className="size-4 text-muted" aria-hidden />
        <bdi className="truncate">{text}</bdi>
      </span>
    );
  }
  if (field !== 'assignee') return <Labelled look={looks[value as keyof typeof looks]} text={text} />;
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5">
      {value === NOBODY ? <CircleUserRound className="size-4 text-muted" aria-hidden /> : <Avatar name={value} size="sm" />}
      <bdi className="truncate">{text}</bdi>
    </span>
  );
}
