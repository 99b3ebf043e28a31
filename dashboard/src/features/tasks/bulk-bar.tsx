import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { CategoryPicker, PriorityPicker, StatusPicker } from '@/components/pickers';
import { Button } from '@/components/ui/button';
import { useChangeTasks } from '@/data/tasks/mutations';
import type { Task, TaskUpdate } from '@/lib/api';
import { useCanChange } from '@/live/live';

import { AssigneeField, DueField } from './fields';

/** What can be done with all the chosen tasks at once; one undo brings all back. */
export function BulkBar({ tasks, onClear }: { tasks: readonly Task[]; onClear: () => void }) {
  const { t } = useTranslation(['tasks', 'common']);
  const change = useChangeTasks();
  const canChange = useCanChange();
  const apply = (patch: TaskUpdate) => {
    void change(tasks, patch);
    onClear();
  };
  const common = { variant: 'secondary', disabled: !canChange, value: null } as const;
  return (
    <div role="toolbar" aria-label={t('bulk.label')} className="absolute inset-x-0 bottom-4 z-20 mx-auto flex w-fit max-w-[calc(100%-1rem)] animate-slide-in-bottom flex-wrap items-center gap-1.5 rounded-xl bg-raised p-2 shadow-pop">
      <span className="px-2 text-xs font-medium tabular-nums" role="status">
        {t('bulk.count', { count: tasks.length })}
      </span>
      <StatusPicker {...common} onChange={(status) => apply({ status })} />
      <PriorityPicker {...common} onChange={(priority) => apply({ priority })} />
      <CategoryPicker {...common} onChange={(category) => apply({ category })} />
      <AssigneeField value={null} disabled={!canChange} onChange={(assignee) => apply({ assignee })} className="border border-border bg-surface font-medium text-foreground">
        {t('fields.assignee')}
      </AssigneeField>
      <DueField value={null} disabled={!canChange} onChange={(due_at) => apply({ due_at })} className="border border-border bg-surface font-medium text-foreground">
        {t('fields.due_at')}
      </DueField>
      <Button variant="ghost" size="icon" aria-label={t('bulk.clear')} onClick={onClear}>
        <X aria-hidden />
      </Button>
    </div>
  );
}
