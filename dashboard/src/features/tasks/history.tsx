import { useQuery } from '@tanstack/react-query';
import { Bot, Cog, Undo2, UserRound, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { ErrorState } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { Skeleton } from '@/components/ui/skeleton';
import { useDeadlineWords } from '@/data/deadlines';
import { taskHistoryQuery } from '@/data/tasks/queries';
import type { ConfirmableField, Task, TaskHistoryEntry, TaskUpdate } from '@/lib/api';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';

const actorIcons: Record<TaskHistoryEntry['actor_kind'], LucideIcon> = { user: UserRound, ai: Bot, system: Cog };
const knownFields = ['title', 'description', 'category', 'priority', 'assignee', 'due_at', 'labels', 'status', 'source_message_ids', 'duplicate_of_id'] as const;
type KnownField = (typeof knownFields)[number];

/** Every change of a task, newest first: who, what, from and to. */
export function History({ task, onChange }: { task: Task; onChange: (patch: TaskUpdate) => Promise<boolean> }) {
  const { t } = useTranslation(['tasks', 'common']);
  const query = useQuery(taskHistoryQuery(task.id));
  return (
    <section aria-label={t('history')}>
      <h3 className="mb-2 text-xs font-semibold text-muted">{t('history')}</h3>
      {query.isError ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Skeleton className="h-16" />
      ) : (
        <ol className="relative before:absolute before:top-3 before:bottom-3 before:left-2.5 before:w-px before:bg-border">
          {query.data.items.map((entry) => (
            <Entry key={entry.id} entry={entry} task={task} onChange={onChange} />
          ))}
        </ol>
      )}
    </section>
  );
}

function Entry({ entry, task, onChange }: { entry: TaskHistoryEntry; task: Task; onChange: (patch: TaskUpdate) => Promise<boolean> }) {
  const { t } = useTranslation(['tasks', 'common']);
  const say = useValueText();
  const Icon = actorIcons[entry.actor_kind];
  const field = knownFields.find((name) => name === entry.field);
  const back = before(task, entry);
  return (
    <li className="relative flex items-start gap-2.5 py-1.5 text-xs">
      <span className="relative flex size-5 shrink-0 items-center justify-center rounded-full bg-surface text-muted ring-1 ring-border">
        <Icon className="size-3" aria-hidden />
      </span>
      <p className="flex min-h-5 min-w-0 flex-1 flex-wrap items-center gap-x-1.5">
        <span className="sr-only">{t(`actorKind.${entry.actor_kind}`)}</span>
        <bdi className="font-medium">{entry.actor === 'local' || entry.actor === 'api' ? t(`actor.${entry.actor}`) : entry.actor}</bdi>
        {entry.field === 'created' ? (
          <span>{t('changed.created')}</span>
        ) : entry.field === 'reply' ? (
          <>
            <span className="text-muted">{t('changed.reply')}</span>
            <bdi className="min-w-0 break-words whitespace-pre-wrap">{entry.to}</bdi>
          </>
        ) : entry.from === entry.to && field ? (
          <span>{t('changed.confirmed', { field: t(`confirm.field.${field as ConfirmableField}`) })}</span>
        ) : (
          <>
            <span className="text-muted">{field ? t(`changed.${field}`) : entry.field}</span>
            {field === 'description' ? null : (
              <>
                <bdi className="max-w-48 truncate text-muted line-through">{say(field, entry.from)}</bdi>
                <span aria-hidden>→</span>
                <bdi className="max-w-64 truncate font-medium">{say(field, entry.to)}</bdi>
              </>
            )}
          </>
        )}
        <span className="ml-auto flex items-center gap-x-1.5">
          <RelativeTime at={entry.at} focusable className="text-muted" />
          {back && field ? (
            <ChangeButton variant="ghost" size="icon-sm" aria-label={t('bringBack', { field: t(`changed.${field}`), value: say(field, entry.from) })} title={t('bringBack', { field: t(`changed.${field}`), value: say(field, entry.from) })} onClick={() => void onChange(back)}>
              <Undo2 aria-hidden />
            </ChangeButton>
          ) : null}
        </span>
      </p>
    </li>
  );
}

/**
 * The change that brings back what a field was before an entry; null where it is so already, or where the history's text
 * does not tell exactly what it was (labels).
 */
function before(task: Task, { field, from }: Pick<TaskHistoryEntry, 'field' | 'from'>): TaskUpdate | null {
  switch (field) {
    case 'title':
    case 'description':
    case 'category':
    case 'priority':
    case 'status':
      return from !== null && task[field] !== from ? ({ [field]: from } as TaskUpdate) : null;
    case 'assignee':
      return task.assignee !== from ? { assignee: from } : null;
    case 'due_at': {
      const at = (text: string | null) => (text === null ? null : Date.parse(text));
      return at(task.due_at) !== at(from) ? { due_at: from } : null;
    }
    default:
      return null;
  }
}

/** A stored value in words; what is no value of today's is shown as it is. */
function useValueText(): (field: KnownField | undefined, value: string | null) => string {
  const { t } = useTranslation(['tasks', 'common']);
  const deadline = useDeadlineWords();
  return (field, value) => {
    if (value === null || value === '' || value === '[]') return t('empty');
    const status = STATUSES.find((each) => each === value);
    if (field === 'status' && status) return t(`common:status.${status}`);
    const priority = PRIORITIES.find((each) => each === value);
    if (field === 'priority' && priority) return t(`common:priority.${priority}`);
    const category = CATEGORIES.find((each) => each === value);
    if (field === 'category' && category) return t(`common:category.${category}`);
    if (field === 'due_at' && !Number.isNaN(Date.parse(value))) return deadline(value).text;
    if (field === 'labels') return labels(value);
    return value;
  };
}

function labels(value: string): string {
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list.join(', ') : value;
  } catch {
    return value;
  }
}
