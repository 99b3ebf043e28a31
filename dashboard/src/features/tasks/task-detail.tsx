import { useQuery } from '@tanstack/react-query';
import { Bot, Check, Pencil } from 'lucide-react';
import { useId, useImperativeHandle, useRef, useState, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { CategoryPicker, PriorityPicker, StatusPicker } from '@/components/pickers';
import { RelativeTime, useLanguage } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Input } from '@/components/ui/input';
import { useChangeTasks, useConfirmTask } from '@/data/tasks/mutations';
import { taskQuery } from '@/data/tasks/queries';
import type { ConfirmableField, Task, TaskUpdate } from '@/lib/api';
import { useFocusAfter } from '@/lib/choice';
import { cn } from '@/lib/cn';
import { useDraft } from '@/lib/drafts';
import { formatPercent } from '@/lib/format';
import { useMedia } from '@/lib/preferences';
import { useShortcuts } from '@/lib/shortcuts';
import { toast } from '@/lib/toast';
import { useCanChange } from '@/live/live';

import { Description } from './description';
import { EditActions, Meanwhile, type EditProps } from './edit';
import { Evidence } from './evidence';
import { AssigneeField, DueField, LabelsField } from './fields';
import { History } from './history';
import { Links } from './links';
import type { RowField } from './task-row';

interface DetailProps {
  task: Task;
  /** The fields stand beside it where there is room, as on a page of its own. */
  wide?: boolean;
  /** Keys open its fields: where no row of a list has the same ones. */
  fieldKeys?: boolean;
}

/** Everything about a task. */
export function TaskDetail({ task, wide = false, fieldKeys = false }: DetailProps) {
  const beside = useMedia('(min-width: 64rem)') && wide;
  const { t } = useTranslation(['tasks', 'common']);
  const canChange = useCanChange();
  const [field, setField] = useState<RowField | null>(null);
  const title = useRef<{ edit: () => void }>(null);
  const openField = (name: RowField) => canChange && setField(name);
  useShortcuts(t('taskTitle', { id: task.id }), [
    { keys: 'e', label: t('editTitle'), run: () => canChange && title.current?.edit() },
    { keys: '.', label: t('keys.copyNumber'), run: () => void copyNumber(task.id, t('common:actions.copied'), t('copyFailed')) },
    ...(fieldKeys
      ? [
          { keys: 's', label: t('keys.status'), run: () => openField('status') },
          { keys: 'p', label: t('keys.priority'), run: () => openField('priority') },
          { keys: 'a', label: t('keys.assignee'), run: () => openField('assignee') },
          { keys: 'd', label: t('keys.due'), run: () => openField('due_at') },
        ]
      : []),
  ]);
  // Read anew when it is opened: the list may be older.
  const { data } = useQuery({ ...taskQuery(task.id), initialData: task, initialDataUpdatedAt: 0 });
  const changeTasks = useChangeTasks();
  const change = (patch: TaskUpdate) => changeTasks([data], patch);
  return (
    <div className={cn('space-y-6', beside && 'grid grid-cols-[minmax(0,1fr)_19rem] gap-x-8 space-y-0')}>
      <div className="min-w-0 space-y-6">
        <Title ref={title} task={data} onChange={change} />
        {beside ? null : <Fields task={data} onChange={change} opened={field} onOpened={setField} />}
        <Description task={data} onChange={change} />
        <Links task={data} />
        <Evidence task={data} />
        <History task={data} onChange={change} />
      </div>
      {beside ? (
        <aside className="h-fit border-l border-border pl-6">
          <Fields task={data} onChange={change} opened={field} onOpened={setField} />
        </aside>
      ) : null}
    </div>
  );
}

async function copyNumber(id: number, done: string, failed: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(`#${id}`);
    toast.success(done);
  } catch {
    // Browsers give the clipboard to pages of https and of this machine only.
    toast.error(failed);
  }
}

function Title({ task, onChange, ref }: EditProps & { ref: Ref<{ edit: () => void }> }) {
  const { t } = useTranslation(['tasks', 'common']);
  const canChange = useCanChange();
  const [draft, setDraft, again, meanwhile] = useDraft(`task.${task.id}.title`, task.title);
  useImperativeHandle(ref, () => ({ edit: () => draft ?? setDraft(task.title) }));
  const faultId = useId();
  const penId = useId();
  useFocusAfter(draft !== null, () => document.getElementById(penId)?.focus());
  const blank = draft !== null && !/[^\p{Z}\p{Cc}\p{Cf}]/u.test(draft);
  const commit = async () => {
    if (draft === null || blank) return;
    // What was typed stays where the server refuses it.
    if (draft.trim() === task.title || (await onChange({ title: draft.trim() }))) setDraft(null);
  };
  return (
    <div>
      <p className="mb-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        <span className="tabular-nums">#{task.id}</span>
        {task.ai_generated ? <Made task={task} /> : null}
        {task.unconfirmed.length > 0 ? <ConfirmAll task={task} /> : null}
      </p>
      {draft === null ? (
        <div className="group flex items-start gap-1">
          <h2 className="min-w-0 flex-1 text-lg leading-snug font-semibold break-words">
            <bdi>{task.title}</bdi>
          </h2>
          <ChangeButton id={penId} variant="ghost" size="icon-sm" aria-label={t('editTitle')} onClick={() => setDraft(task.title)}>
            <Pencil aria-hidden />
          </ChangeButton>
        </div>
      ) : (
        <form
          className="space-y-2"
          onSubmit={(event) => {
            event.preventDefault();
            void commit();
          }}
        >
          <Input
            aria-label={t('fields.title')}
            value={draft}
            maxLength={200}
            autoFocus={!again}
            aria-invalid={blank}
            aria-describedby={blank ? faultId : undefined}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return;
              event.preventDefault();
              setDraft(null);
            }}
          />
          {blank ? (
            <p id={faultId} className="text-xs text-danger">
              {t('create.titleMissing')}
            </p>
          ) : null}
          <Meanwhile text={meanwhile} onTake={() => setDraft(null)} />
          <EditActions disabled={blank || !canChange} again={again} onCancel={() => setDraft(null)} />
        </form>
      )}
    </div>
  );
}

function Made({ task }: { task: Task }) {
  const { t } = useTranslation('tasks');
  const language = useLanguage();
  return (
    <Badge>
      <Bot aria-hidden />
      {task.confidence === null ? t('byAi') : t('byAiSure', { share: formatPercent(task.confidence, language) })}
    </Badge>
  );
}

/** One press says that all the machine filled is right. */
function ConfirmAll({ task }: { task: Task }) {
  const { t } = useTranslation('tasks');
  const confirm = useConfirmTask();
  return (
    <ChangeButton size="sm" variant="ghost" title={t('confirm.why', { fields: task.unconfirmed.map((field) => t(`confirm.field.${field}`)).join(', ') })} onClick={() => void confirm(task)}>
      <Check aria-hidden />
      {t('confirm.all')}
    </ChangeButton>
  );
}

/** Marks a field that the machine filled, until a person confirms or changes it. */
function Unconfirmed({ task, field }: { task: Task; field: ConfirmableField }) {
  const { t } = useTranslation('tasks');
  const confirm = useConfirmTask();
  if (!task.unconfirmed.includes(field)) return null;
  const name = t(`confirm.field.${field}`);
  return (
    <ChangeButton size="icon-sm" variant="ghost" className="group/confirm shrink-0 text-muted" aria-label={t('confirm.one', { field: name })} title={t('confirm.one', { field: name })} onClick={() => void confirm(task, [field])}>
      <Bot aria-hidden className="group-hover/confirm:hidden group-focus-visible/confirm:hidden" />
      <Check aria-hidden className="hidden group-hover/confirm:block group-focus-visible/confirm:block" />
    </ChangeButton>
  );
}

function Field({ name, mark, children }: { name: string; mark?: ReactNode; children: ReactNode }) {
  return (
    <div className="flex min-h-8 items-center gap-2">
      <dt className="w-24 shrink-0 text-xs text-muted">{name}</dt>
      <dd className="flex min-w-0 flex-1 items-center justify-between gap-1">
        {children}
        {mark}
      </dd>
    </div>
  );
}

function Fields({ task, onChange, opened, onOpened }: EditProps & { opened: RowField | null; onOpened: (field: RowField | null) => void }) {
  const { t } = useTranslation(['tasks', 'common']);
  const disabled = !useCanChange();
  const done = task.status === 'completed' || task.status === 'cancelled';
  const change = (patch: TaskUpdate) => void onChange(patch);
  const field = (name: RowField) => ({ open: opened === name, onOpenChange: (open: boolean) => onOpened(open ? name : null) });
  const look = { className: 'justify-start px-2 font-normal text-foreground', disabled };
  return (
    <dl className="space-y-0.5">
      <Field name={t('common:status.label')}>
        <StatusPicker {...look} {...field('status')} value={task.status} onChange={(status) => change({ status })} />
      </Field>
      <Field name={t('common:priority.label')} mark={<Unconfirmed task={task} field="priority" />}>
        <PriorityPicker {...look} {...field('priority')} value={task.priority} onChange={(priority) => change({ priority })} />
      </Field>
      <Field name={t('common:category.label')} mark={<Unconfirmed task={task} field="category" />}>
        <CategoryPicker {...look} value={task.category} onChange={(category) => change({ category })} />
      </Field>
      <Field name={t('fields.assignee')} mark={<Unconfirmed task={task} field="assignee" />}>
        <AssigneeField {...field('assignee')} value={task.assignee} disabled={disabled} onChange={(assignee) => change({ assignee })} />
      </Field>
      <Field name={t('fields.due_at')} mark={<Unconfirmed task={task} field="due_at" />}>
        <DueField {...field('due_at')} value={task.due_at} done={done} disabled={disabled} onChange={(due_at) => change({ due_at })} />
      </Field>
      <Field name={t('fields.labels')}>
        <LabelsField value={task.labels} disabled={disabled} onChange={(labels) => change({ labels })} />
      </Field>
      <Field name={t('fields.source')}>
        <bdi className="px-2">{task.source}</bdi>
      </Field>
      <Field name={t('fields.created_at')}>
        <span className="px-2">
          <RelativeTime at={task.created_at} focusable />
        </span>
      </Field>
      <Field name={t('fields.updated_at')}>
        <span className="px-2">
          <RelativeTime at={task.updated_at} focusable />
        </span>
      </Field>
    </dl>
  );
}
