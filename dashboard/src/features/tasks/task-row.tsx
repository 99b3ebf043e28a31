import { Bot } from 'lucide-react';
import { memo } from 'react';

import { CategoryPicker, PriorityPicker, StatusPicker } from '@/components/pickers';
import { RelativeTime } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Checkbox } from '@/components/ui/checkbox';
import { useWords } from '@/i18n/words';
import type { Task, TaskUpdate } from '@/lib/api';
import { cn } from '@/lib/cn';

import type { Column } from './columns';
import { AssigneeField, DueField } from './fields';
import { LinkMark } from './link-mark';

/** Fields of a row that a key opens. */
export type RowField = 'status' | 'priority' | 'assignee' | 'due_at';

interface RowProps {
  task: Task;
  selected: boolean;
  current: boolean;
  shown: boolean;
  /** Another panel takes part of the width. */
  narrow: boolean;
  hidden: ReadonlySet<Column>;
  canChange: boolean;
  openField: RowField | null;
  onOpenField: (task: Task, field: RowField | null) => void;
  onOpen: (task: Task) => void;
  onSelect: (task: Task, range: boolean) => void;
  onChange: (task: Task, patch: TaskUpdate) => void;
}

export const TaskRow = memo(function TaskRow({ task, selected, current, shown, narrow, hidden, canChange, openField, onOpenField, onOpen, onSelect, onChange }: RowProps) {
  const t = useWords(['tasks', 'common']);
  const done = task.status === 'completed' || task.status === 'cancelled';
  /** One that is being changed is there as long as that takes. */
  const column = (name: Column, from: string) => (openField === name ? '' : narrow || hidden.has(name) ? 'hidden' : from);
  const field = (name: RowField) => ({
    open: openField === name,
    onOpenChange: (open: boolean) => onOpenField(task, open ? name : null),
    disabled: !canChange,
  });
  return (
    <div
      data-task={task.id}
      className={cn('group flex h-full items-center gap-1 border-b border-border/60 px-4 transition-colors hover:bg-hover', selected && 'bg-primary-soft hover:bg-primary-soft', shown && 'bg-selected hover:bg-selected')}
    >
      <Checkbox aria-label={t('select', { title: task.title })} checked={selected} onCheckedChange={(_on, range) => onSelect(task, range)} className="mr-1" />
      <PriorityPicker iconOnly value={task.priority} onChange={(priority) => onChange(task, { priority })} {...field('priority')} />
      {hidden.has('id') ? null : <span className="w-11 shrink-0 text-xs text-muted tabular-nums max-sm:hidden">#{task.id}</span>}
      <StatusPicker iconOnly value={task.status} onChange={(status) => onChange(task, { status })} {...field('status')} />
      <button
        type="button"
        data-row={task.id}
        tabIndex={current ? 0 : -1}
        aria-current={shown || undefined}
        onClick={() => onOpen(task)}
        className="flex h-full min-w-0 flex-1 items-center gap-2 px-1 text-left focus-visible:-outline-offset-2"
      >
        <bdi className={cn('truncate font-medium', done && 'text-muted')}>{task.title}</bdi>
        {task.ai_generated ? <Bot className="size-3.5 shrink-0 text-muted" aria-label={t('byAi')} /> : null}
        <LinkMark task={task} />
        {(hidden.has('labels') ? [] : task.labels.slice(0, 2)).map((label) => (
          <Badge key={label} className="max-xl:hidden">
            <bdi className="max-w-24 truncate">{label}</bdi>
          </Badge>
        ))}
      </button>
      <CategoryPicker value={task.category} onChange={(category) => onChange(task, { category })} disabled={!canChange} className={cn('w-36 justify-start px-2 font-normal', column('category', 'max-md:hidden'))} />
      <AssigneeField value={task.assignee} onChange={(assignee) => onChange(task, { assignee })} {...field('assignee')} quiet className={cn('w-36 overflow-hidden', column('assignee', 'max-lg:hidden'))} />
      <DueField value={task.due_at} done={done} onChange={(due_at) => onChange(task, { due_at })} {...field('due_at')} quiet className={cn('w-40 overflow-hidden', column('due_at', 'max-lg:hidden'))} />
      <bdi className={cn('w-20 truncate text-xs text-muted', column('source', 'max-xl:hidden'))}>{task.source}</bdi>
      {hidden.has('created_at') ? null : <RelativeTime at={task.created_at} className="w-20 shrink-0 text-right text-xs text-muted max-sm:hidden" />}
    </div>
  );
});
