import { infiniteQueryOptions, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { api, unwrap, unwrapPage, type Proposal, type ProposalAcceptance, type ProposalDecision, type RejectReason } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { perKey, throttle } from '@/lib/throttle';
import { toast } from '@/lib/toast';
import type { LiveHandlers } from '@/live/live';

import { putTask } from './tasks/cache';

/** How long a decision can be taken back from the toast. */
const UNDO_MS = 10_000;

/** What waits for a person, newest first. */
export const proposalsQuery = infiniteQueryOptions({
  queryKey: keys.proposals,
  queryFn: ({ pageParam, signal }) => unwrapPage(api.GET('/api/proposals', { params: { query: { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

/** A burst of changes is one reading. */
const reread = perKey((cache: QueryClient) => throttle(() => void cache.invalidateQueries({ queryKey: keys.proposals }), 1000));

export const proposalsLive: LiveHandlers = {
  proposal_created: (_frames, cache) => reread(cache)(),
  proposal_updated: (_frames, cache) => reread(cache)(),
};

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

/** Decides about proposals, with a toast that takes it back. What was refused is said in the server's sentence. */
export function useDecide(onDecided: (proposal: Proposal, decision: Decision) => void) {
  const cache = useQueryClient();
  const { t } = useTranslation(['review', 'common']);
  const errorText = useErrorText();
  const [busy, setBusy] = useState(false);
  const decide = useCallback(
    async (proposal: Proposal, decision: Decision): Promise<void> => {
      setBusy(true);
      const run = async (what: Decision) => {
        const { task } = await send(proposal.id, what);
        if (task) putTask(cache, task);
        onDecided(proposal, what);
        await cache.invalidateQueries({ queryKey: keys.proposals });
        void cache.invalidateQueries({ queryKey: keys.links.all });
        void cache.invalidateQueries({ queryKey: keys.stats });
      };
      const refused = (error: unknown) => {
        toast.error(t('proposals.failed'), { description: errorText(error) });
        void cache.invalidateQueries({ queryKey: keys.proposals });
      };
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
    [cache, t, errorText, onDecided],
  );
  return { decide, busy };
}
