import { queryOptions, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { api, unwrap, type LinkDecision } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { toast } from '@/lib/toast';

import { putTask } from './tasks/cache';

/** How long a decision can be taken back from the toast; from the task it can be for ever. */
const UNDO_MS = 10_000;

/** What may be the same as a task, whatever was decided about it. */
export const taskLinksQuery = (id: number) =>
  queryOptions({
    queryKey: keys.links.ofTask(id),
    queryFn: ({ signal }) => unwrap(api.GET('/api/tasks/{id}/links', { params: { path: { id } }, signal })),
  });

/** What waits for a person's word. */
export const openLinksQuery = queryOptions({
  queryKey: keys.links.open,
  queryFn: ({ signal }) => unwrap(api.GET('/api/links', { params: { query: { limit: 500 } }, signal })),
});

export type LinkAct = { act: 'accept' | 'refuse' | 'undo'; link: number } | { act: 'merge'; task: number; into: number };

function send(what: LinkAct): Promise<LinkDecision> {
  if (what.act === 'merge') return unwrap(api.POST('/api/tasks/{id}/merge', { params: { path: { id: what.task } }, body: { into_task_id: what.into } }));
  const params = { path: { id: what.link } };
  switch (what.act) {
    case 'accept':
      return unwrap(api.POST('/api/links/{id}/accept', { params }));
    case 'refuse':
      return unwrap(api.POST('/api/links/{id}/refuse', { params }));
    case 'undo':
      return unwrap(api.POST('/api/links/{id}/undo', { params }));
  }
}

/** Decides about a link, with a toast that takes it back. What was refused is said in the server's sentence. */
export function useDecideLink() {
  const cache = useQueryClient();
  const { t } = useTranslation(['tasks', 'common']);
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const decide = useCallback(
    async (what: LinkAct): Promise<boolean> => {
      const run = async (act: LinkAct) => {
        const { link, task, other_task } = await send(act);
        for (const each of [task, other_task]) {
          if (!each) continue;
          putTask(cache, each);
          void cache.invalidateQueries({ queryKey: keys.tasks.history(each.id) });
        }
        void cache.invalidateQueries({ queryKey: keys.stats });
        await cache.invalidateQueries({ queryKey: keys.links.all });
        return link;
      };
      const failed = (error: unknown) => {
        toast.error(t('links.failed'), { description: errorText(error) });
        void cache.invalidateQueries({ queryKey: keys.links.all });
      };
      setBusy(true);
      try {
        const link = await run(what);
        const undo = () => run({ act: 'undo', link: link.id }).catch(failed);
        toast.success(t(`links.done.${what.act}`), {
          duration: UNDO_MS,
          ...(what.act === 'undo' ? {} : { action: { label: t('common:actions.undo'), onClick: () => void undo() } }),
        });
        return true;
      } catch (error) {
        failed(error);
        return false;
      } finally {
        setBusy(false);
      }
    },
    [cache, t, errorText],
  );
  return { decide, busy };
}
