import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { useErrorText } from '@/components/states';
import { api, unwrap, type ConfirmableField, type Task, type TaskCreate, type TaskUpdate } from '@/lib/api';
import { settleAll } from '@/lib/parallel';
import { keys } from '@/lib/query-keys';

import { findTask, putTask } from './cache';

/** How long a change can be taken back. */
const UNDO_MS = 10_000;

interface Change {
  task: Task;
  patch: TaskUpdate;
}

interface Failure extends Change {
  error: unknown;
}

/** What brings the changed fields of a task back to what they are in `task`. */
export function inverse(task: Task, patch: TaskUpdate): TaskUpdate {
  return Object.fromEntries(Object.keys(patch).map((field) => [field, task[field as keyof TaskUpdate]]));
}

/** Shows the changes at once, sends them, and takes back those that the server refused. */
export async function applyChanges(cache: QueryClient, changes: readonly Change[]): Promise<Failure[]> {
  for (const { task, patch } of changes) putTask(cache, { ...task, ...patch });
  const { failed } = await settleAll(changes, async (change) => {
    const { task, patch } = change;
    try {
      putTask(cache, await unwrap(api.PATCH('/api/tasks/{id}', { params: { path: { id: task.id } }, body: patch })));
      void cache.invalidateQueries({ queryKey: keys.tasks.history(task.id) });
    } catch (error) {
      rollBack(cache, change);
      throw error;
    }
  });
  void cache.invalidateQueries({ queryKey: keys.stats });
  void cache.invalidateQueries({ queryKey: keys.tasks.allCounts });
  return failed.map(({ item, error }) => ({ ...item, error }));
}

/** Only the fields that this change touched: others may have been changed meanwhile by someone else. */
function rollBack(cache: QueryClient, { task, patch }: Change): void {
  const now = findTask(cache, task.id);
  putTask(cache, { ...(now ?? task), ...inverse(task, patch) } as Task);
}

/**
 * Changes one task or many, with one toast and one undo for all of them. Resolves with whether all went well.
 * What was refused is back as it was, and the toast has the server's sentence.
 */
export function useChangeTasks() {
  const cache = useQueryClient();
  const { t } = useTranslation(['tasks', 'common']);
  const errorText = useErrorText();
  return useCallback(
    async (tasks: readonly Task[], patch: TaskUpdate): Promise<boolean> => {
      const changes = tasks.filter((task) => differs(task, patch)).map((task) => ({ task, patch }));
      if (changes.length === 0) return true;
      const failures = await applyChanges(cache, changes);
      const done = changes.filter((change) => !failures.some((f) => f.task.id === change.task.id));
      if (failures.length > 0) {
        toast.error(t('toast.failed', { count: failures.length }), { description: errorText(failures[0]?.error) });
      }
      if (done.length > 0) {
        const undo = async () => {
          const back = done.map(({ task }) => ({ task: findTask(cache, task.id) ?? task, patch: inverse(task, patch) }));
          const failed = await applyChanges(cache, back);
          if (failed.length > 0) toast.error(t('toast.undoFailed', { count: failed.length }), { description: errorText(failed[0]?.error) });
          else toast.success(t('toast.undone', { count: back.length }));
        };
        toast.success(done.length === 1 ? t('toast.changedOne', { title: done[0]?.task.title ?? '' }) : t('toast.changed', { count: done.length }), {
          duration: UNDO_MS,
          action: { label: t('common:actions.undo'), onClick: () => void undo() },
        });
      }
      return failures.length === 0;
    },
    [cache, t, errorText],
  );
}

/** A person finds fields right as the machine filled them; all of them where none is named. */
export function useConfirmTask() {
  const cache = useQueryClient();
  const { t } = useTranslation('tasks');
  const errorText = useErrorText();
  return useCallback(
    async (task: Task, fields: ConfirmableField[] = []): Promise<void> => {
      try {
        putTask(cache, await unwrap(api.POST('/api/tasks/{id}/confirm', { params: { path: { id: task.id } }, body: { fields } })));
        void cache.invalidateQueries({ queryKey: keys.tasks.history(task.id) });
      } catch (error) {
        toast.error(t('toast.failed', { count: 1 }), { description: errorText(error) });
      }
    },
    [cache, t, errorText],
  );
}

function differs(task: Task, patch: TaskUpdate): boolean {
  return (Object.keys(patch) as (keyof TaskUpdate)[]).some((field) => JSON.stringify(task[field]) !== JSON.stringify(patch[field]));
}

/** Creates a task; throws the ApiError for the form to show at its fields. */
export function useCreateTask() {
  const cache = useQueryClient();
  return useCallback(
    async (task: TaskCreate): Promise<Task> => {
      const created = await unwrap(api.POST('/api/tasks', { body: task }));
      putTask(cache, created);
      void cache.invalidateQueries({ queryKey: keys.stats });
      return created;
    },
    [cache],
  );
}
