import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { putTask } from '@/data/tasks/cache';
import { api, unwrap, type Message, type Task, type TaskPriority } from '@/lib/api';
import { settleAll, type Settled } from '@/lib/parallel';
import { keys } from '@/lib/query-keys';
import type { Kind } from '@/lib/task-values';
import { toast } from '@/lib/toast';

import { putMessages } from './live';

/** How long a change can be taken back from the toast. */
const UNDO_MS = 10_000;
/** Messages that the API takes at once for one task. */
export const MOST_AT_ONCE = 100;

/** What a person says a message is. */
export type Said = { is_issue: false } | { is_issue: true; category: Kind; priority?: TaskPriority };

/** What a person had said of a message; null where the machine has the word, or nobody. */
function saidOf({ classification: c }: Message): Said | null {
  if (c?.provider !== 'user') return null;
  return c.is_issue ? { is_issue: true, category: c.category ?? 'chore', priority: c.priority ?? 'medium' } : { is_issue: false };
}

/** Keeps a person's word about a message; null takes it back, so that the machine judges again. */
async function classify(cache: QueryClient, { id }: Message, said: Said | null): Promise<Message> {
  const params = { path: { id } };
  const now = await (said ? unwrap(api.PUT('/api/messages/{id}/classification', { params, body: said })) : unwrap(api.DELETE('/api/messages/{id}/classification', { params })));
  putMessages(cache, [now]);
  return now;
}

/** Has messages lead to a task, or no more, as many at once as the API takes: of each such part all or none. */
async function move(cache: QueryClient, act: 'attach' | 'detach', messages: readonly Message[], task: number): Promise<Settled<Message[], Task>> {
  const parts: Message[][] = [];
  for (let at = 0; at < messages.length; at += MOST_AT_ONCE) parts.push(messages.slice(at, at + MOST_AT_ONCE));
  const params = { path: { id: task } };
  return settleAll(parts, async (part) => {
    const body = { message_ids: part.map(({ id }) => id) };
    const now = await (act === 'attach' ? unwrap(api.POST('/api/tasks/{id}/attach', { params, body })) : unwrap(api.POST('/api/tasks/{id}/detach', { params, body })));
    putTask(cache, now);
    putMessages(cache, part.map((message) => ({ ...message, task_id: act === 'attach' ? task : null })));
    void cache.invalidateQueries({ queryKey: keys.tasks.history(task) });
    return now;
  });
}

/** What a person does with messages, one or many, each with one toast that takes all back. They answer with those that failed. */
export function useMessageActs() {
  const cache = useQueryClient();
  const { t } = useTranslation(['messages', 'common']);
  const errorText = useErrorText();
  return useMemo(() => {
    const failed = (failures: readonly { item: Message; error: unknown }[], text: string) => {
      if (failures.length === 0) return;
      const which = failures.slice(0, 3).map(({ item }) => `«${item.content.replace(/\s+/g, ' ').slice(0, 40)}»`);
      toast.error(text, { description: `${errorText(failures[0]?.error)} ${which.join(', ')}${failures.length > 3 ? '…' : ''}` });
    };
    const undoable = (text: string, count: number, undo: () => Promise<readonly { item: Message; error: unknown }[]>) => {
      const run = async () => {
        const failures = await undo();
        failed(failures, t('bulk.undoFailed', { count: failures.length }));
        if (failures.length < count) toast.success(t('bulk.undone', { count: count - failures.length }));
      };
      toast.success(text, { duration: UNDO_MS, action: { label: t('common:actions.undo'), onClick: () => void run() } });
    };
    const each = (failures: Settled<Message[], Task>['failed']) => failures.flatMap(({ item, error }) => item.map((message) => ({ item: message, error })));

    return {
      /** Says of all what they are. */
      async say(messages: readonly Message[], said: Said): Promise<Message[]> {
        const result = await settleAll(messages, (message) => classify(cache, message, said));
        failed(result.failed, t('bulk.failed', { count: result.failed.length }));
        const { length: count } = result.done;
        if (count > 0) {
          const text = said.is_issue ? t('bulk.saidIssue', { count, category: t(`common:category.${said.category}`) }) : t('bulk.saidNoise', { count });
          undoable(text, count, async () => (await settleAll(result.done, ({ item }) => classify(cache, item, saidOf(item)))).failed.map(({ item: { item }, error }) => ({ item, error })));
        }
        return result.failed.map(({ item }) => item);
      },

      /** Adds all to a task that there is. */
      async attach(messages: readonly Message[], task: Task): Promise<Message[]> {
        const result = await move(cache, 'attach', messages, task.id);
        failed(each(result.failed), t('bulk.failed', { count: each(result.failed).length }));
        const added = result.done.flatMap(({ item }) => item);
        if (added.length > 0) {
          undoable(t('bulk.attached', { count: added.length, id: task.id }), added.length, async () => each((await move(cache, 'detach', added, task.id)).failed));
        }
        return each(result.failed).map(({ item }) => item);
      },

      /** Takes back that a task was made of messages: it is cancelled, they lead nowhere, and the first is judged as before. */
      async unmake(messages: readonly Message[], task: Task): Promise<void> {
        const { failed: refused } = await move(cache, 'detach', messages, task.id);
        if (refused.length > 0) return failed(each(refused), t('bulk.undoFailed', { count: messages.length }));
        try {
          putTask(cache, await unwrap(api.PUT('/api/tasks/{id}/status', { params: { path: { id: task.id } }, body: { status: 'cancelled' } })).then((answer) => answer.task));
          const [first] = messages;
          if (first) await classify(cache, first, saidOf(first));
          toast.success(t('bulk.unmade', { id: task.id }));
        } catch (error) {
          toast.error(t('bulk.undoFailed', { count: messages.length }), { description: errorText(error) });
        }
        void cache.invalidateQueries({ queryKey: keys.stats });
      },
    };
  }, [cache, t, errorText]);
}
