import { useTranslation } from 'react-i18next';

import { Dialog, DialogContent, DialogHeader } from '@/components/ui/dialog';
import type { Task, TaskCreate } from '@/lib/api';
import { toast } from '@/lib/toast';

import { TaskForm } from './task-form';

export interface TaskDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** What the form begins with, such as a message's words. */
  initial?: Partial<TaskCreate> | undefined;
  onCreated?: (task: Task) => void;
  /** Takes it back from the toast. */
  onUndo?: ((task: Task) => void) | undefined;
}

/** How long the toast offers to take it back. */
const UNDO_MS = 10_000;

export function TaskDialogContent({ open, onOpenChange, initial, onCreated, onUndo }: TaskDialogProps) {
  const { t } = useTranslation(['tasks', 'common']);
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <DialogHeader title={t('create.title')} />
        <TaskForm
          initial={initial}
          onCreated={(task) => {
            onOpenChange(false);
            toast.success(t('create.done', { id: task.id }), {
              description: task.title,
              ...(onUndo ? { duration: UNDO_MS, action: { label: t('common:actions.undo'), onClick: () => onUndo(task) } } : {}),
            });
            onCreated?.(task);
          }}
        />
      </DialogContent>
    </Dialog>
  );
}
