import { infiniteQueryOptions, queryOptions, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { api, unwrap, unwrapPage, type Proposal, type ProposalAcceptance, type ProposalDecision, type RejectReason, type Task } from '@/lib/api';
import { settleAll } from '@/lib/parallel';
import { keys } from '@/lib/query-keys';
import { toast } from '@/lib/toast';

import { putTask } from './tasks/cache';

/** How long a decision can be taken back from the toast. */
const UNDO_MS = 10_000;

/** As many as the API gives at once: the order by risk is one of all that are loaded. */
const PAGE = 500;

/** What waits for a person, newest first. */
export const proposalsQuery = infiniteQueryOptions({
  queryKey: keys.proposals,
  queryFn: ({ pageParam, signal }) => unwrapPage(api.GET('/api/proposals', { params: { query: { limit: PAGE, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

/** What waits and may say the same as a proposal that waits, the most similar first. */
export const similarQuery = (id: number) =>
  queryOptions({
    queryKey: [...keys.proposals, 'similar', id],
    queryFn: ({ signal }) => unwrap(api.GET('/api/proposals/{id}/similar', { params: { path: { id } }, signal })),
  });

/** What is done with proposals that say the same: one task of all, or none of any. */
export type GroupDecision = { act: 'accept' } | { act: 'reject'; reason: RejectReason };

export type Decision =
  | { act: 'accept'; body: ProposalAcceptance }
  | { act: 'reject'; reason: RejectReason }
  | { act: 'merge'; task: number }
  | { act: 'snooze'; until: string }
  | { act: 'undo' };

function send(id: number, decision: Decision): Promise<ProposalDecision> {
  const params = { path: { id } };
  switch (decision.act) {
    case 'accept':
      return unwrap(api.POST('/api/proposals/{id}/accept', { params, body: decision.body }));
    case 'reject':
      return unwrap(api.POST('/api/proposals/{id}/reject', { params, body: { reason: decision.reason } }));
    case 'merge':
      return unwrap(api.POST('/api/proposals/{id}/merge', { params, body: { task_id: decision.task } }));
    case 'snooze':
      return unwrap(api.POST('/api/proposals/{id}/snooze', { params, body: { until: decision.until } }));
    case 'undo':
      return unwrap(api.POST('/api/proposals/{id}/undo', { params }));
  }
}

type OnDecided = (proposal: Proposal, decision: Decision, task: Task | null) => void;

/** Decides about proposals, with a toast that takes it back. What was refused is said in the server's sentence. */
export function useDecide(onDecided: OnDecided) {
  const cache = useQueryClient();
  const { t } = useTranslation(['review', 'common']);
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const one = useCallback(
    async (proposal: Proposal, what: Decision): Promise<Task | null> => {
      const { task } = await send(proposal.id, what);
      if (task) putTask(cache, task);
      onDecided(proposal, what, task);
      return task;
    },
    [cache, onDecided],
  );
  const readAnew = useCallback(async () => {
    await cache.invalidateQueries({ queryKey: keys.proposals });
    void cache.invalidateQueries({ queryKey: keys.links.all });
    void cache.invalidateQueries({ queryKey: keys.stats });
  }, [cache]);
  const refused = useCallback(
    (error: unknown) => {
      toast.error(t('proposals.failed'), { description: errorText(error) });
      void cache.invalidateQueries({ queryKey: keys.proposals });
    },
    [cache, t, errorText],
  );

  const decide = useCallback(
    async (proposal: Proposal, decision: Decision): Promise<void> => {
      setBusy(true);
      const run = (what: Decision) => one(proposal, what).then(readAnew);
      try {
        await run(decision);
        toast.success(t(`proposals.done.${decision.act}`, { title: proposal.title }), {
          duration: UNDO_MS,
          ...(decision.act === 'undo' ? {} : { action: { label: t('common:actions.undo'), onClick: () => void run({ act: 'undo' }).catch(refused) } }),
        });
      } catch (error) {
        refused(error);
      } finally {
        setBusy(false);
      }
    },
    [t, one, readAnew, refused],
  );

  /** Accepts all as they are, with one undo for all of them. Those that were refused stay, and are named. */
  const acceptAll = useCallback(
    async (proposals: readonly Proposal[]): Promise<void> => {
      setBusy(true);
      const failed = (failures: readonly { item: Proposal; error: unknown }[], text: string) => {
        if (failures.length > 0) toast.error(text, { description: `${errorText(failures[0]?.error)} ${failures.slice(0, 3).map(({ item }) => item.title).join(', ')}` });
      };
      const { done, failed: failures } = await settleAll(proposals, (proposal) => one(proposal, { act: 'accept', body: {} }));
      await readAnew();
      failed(failures, t('proposals.sure.failed', { count: failures.length }));
      const undo = async () => {
        const back = await settleAll(done, ({ item }) => one(item, { act: 'undo' }));
        await readAnew();
        failed(back.failed.map(({ item: { item }, error }) => ({ item, error })), t('proposals.sure.undoFailed', { count: back.failed.length }));
        if (back.done.length > 0) toast.success(t('proposals.sure.undone', { count: back.done.length }));
      };
      if (done.length > 0) {
        toast.success(t('proposals.sure.done', { count: done.length }), { duration: UNDO_MS, action: { label: t('common:actions.undo'), onClick: () => void undo() } });
      }
      setBusy(false);
    },
    [t, errorText, one, readAnew],
  );
  /** One task of the first, to which the others are added; or none of any. One undo takes all back, the task last. */
  const decideGroup = useCallback(
    async ([first, ...others]: readonly [Proposal, ...Proposal[]], what: GroupDecision): Promise<void> => {
      setBusy(true);
      const failed = (failures: readonly { item: Proposal; error: unknown }[], text: string) => {
        if (failures.length > 0) toast.error(text, { description: `${errorText(failures[0]?.error)} ${failures.slice(0, 3).map(({ item }) => item.title).join(', ')}` });
      };
      try {
        const head = await one(first, what.act === 'accept' ? { act: 'accept', body: {} } : what);
        const rest = await settleAll(others, (proposal) => one(proposal, what.act === 'reject' ? what : { act: 'merge', task: head?.id ?? 0 }));
        await readAnew();
        failed(rest.failed, t('proposals.similar.failed', { count: rest.failed.length }));
        const undo = async () => {
          const back = await settleAll(rest.done, ({ item }) => one(item, { act: 'undo' }));
          const last = await settleAll([first], (proposal) => one(proposal, { act: 'undo' }));
          await readAnew();
          const stayed = [...back.failed.map(({ item: { item }, error }) => ({ item, error })), ...last.failed];
          failed(stayed, t('proposals.sure.undoFailed', { count: stayed.length }));
          const count = back.done.length + last.done.length;
          if (count > 0) toast.success(t('proposals.sure.undone', { count }));
        };
        toast.success(t(`proposals.similar.done.${what.act}`, { count: rest.done.length + 1, title: first.title }), { duration: UNDO_MS, action: { label: t('common:actions.undo'), onClick: () => void undo() } });
      } catch (error) {
        refused(error);
      } finally {
        setBusy(false);
      }
    },
    [t, errorText, one, readAnew, refused],
  );
  return { decide, decideGroup, acceptAll, busy };
}
