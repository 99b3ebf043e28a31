import { useInfiniteQuery } from '@tanstack/react-query';
import { CircleCheckBig, Inbox } from 'lucide-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { Card } from '@/components/page';
import { EmptyState, ErrorState, LoadingRows } from '@/components/states';
import { Button } from '@/components/ui/button';
import { proposalsQuery, useDecide, type Decision } from '@/data/proposals';
import type { Proposal } from '@/lib/api';
import { addDays } from '@/lib/format';
import { useShortcuts } from '@/lib/shortcuts';
import { useCanChange } from '@/live/live';

import { ProposalCard, type Panel } from './proposal-card';
import { REASONS } from './proposal-panels';
import { ProposalRow } from './proposal-row';
import { after, count, neighbour, type Decided } from './triage';

/** What may be a task and waits for a person's word: one is looked at, the others wait in a list. */
export function Proposals() {
  const { t } = useTranslation(['review', 'common']);
  const query = useInfiniteQuery(proposalsQuery);
  const proposals = query.data?.pages.flatMap(({ items }) => items);
  const [parameters, setParameters] = useSearchParams();
  const [panel, setPanel] = useState<Panel | null>(null);
  const [decided, setDecided] = useState<readonly Decided[]>([]);
  const list = proposals ?? [];
  const asked = Number(parameters.get('proposal'));
  const active = list.find(({ id }) => id === asked) ?? list[0];
  const look = useCallback(
    (id: number | undefined) => {
      setPanel(null);
      setParameters(
        (before) => {
          const next = new URLSearchParams(before);
          if (id === undefined) next.delete('proposal');
          else next.set('proposal', String(id));
          return next;
        },
        { replace: true },
      );
    },
    [setParameters],
  );
  const latest = useRef(list);
  useEffect(() => {
    latest.current = list;
  });
  const { decide, busy } = useDecide(
    useCallback(
      (proposal: Proposal, decision: Decision) => {
        setDecided((before) => after(before, proposal, decision));
        look(decision.act === 'undo' ? proposal.id : neighbour(latest.current, proposal.id));
      },
      [look],
    ),
  );
  const last = decided.at(-1);
  const undo = () => {
    if (last) void decide(last.proposal, { act: 'undo' });
  };
  useKeys({ list, active, panel, setPanel, look, busy, undo, decide: (decision) => active && void decide(active, decision) });
  const done = decided.length;
  return (
    <Card
      title={t('proposals.title')}
      actions={
        <>
          {done + list.length > 0 ? (
            <span className="text-xs text-muted tabular-nums">{t('proposals.progress', { done, total: `${done + list.length}${query.hasNextPage ? '+' : ''}` })}</span>
          ) : null}
          {last ? (
            <ChangeButton size="sm" disabled={busy} onClick={undo} aria-keyshortcuts="u">
              {t('common:actions.undo')}
            </ChangeButton>
          ) : null}
        </>
      }
    >
      {proposals ? (
        proposals.length === 0 ? (
          done > 0 ? (
            <EmptyState icon={CircleCheckBig} title={t('proposals.allDone')} text={<DoneText decided={decided} />} />
          ) : (
            <EmptyState icon={Inbox} title={t('proposals.emptyTitle')} text={t('proposals.empty')} />
          )
        ) : (
          <>
            <p className="border-b border-border px-4 py-3 text-sm text-pretty text-muted">{t('proposals.text')}</p>
            <ul aria-label={t('proposals.title')} className="divide-y divide-border">
              {proposals.map((proposal) =>
                proposal.id === active?.id ? (
                  <ProposalCard key={proposal.id} proposal={proposal} busy={busy} panel={panel} onPanel={setPanel} decide={(decision) => void decide(proposal, decision)} />
                ) : (
                  <ProposalRow key={proposal.id} proposal={proposal} onChoose={() => look(proposal.id)} />
                ),
              )}
            </ul>
          </>
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={3} />
      )}
      {query.hasNextPage ? (
        <div className="border-t border-border p-3">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? t('common:states.loading') : t('common:actions.loadMore')}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}

function DoneText({ decided }: { decided: readonly Decided[] }) {
  const { t } = useTranslation('review');
  const parts = (['accept', 'merge', 'reject', 'snooze'] as const).flatMap((act) => (count(decided, act) > 0 ? [t(`proposals.tally.${act}`, { count: count(decided, act) })] : []));
  return (
    <>
      {parts.join(' · ')}. {t('proposals.taught')}
    </>
  );
}

interface KeysProps {
  list: readonly Proposal[];
  active: Proposal | undefined;
  panel: Panel | null;
  setPanel: (panel: Panel | null) => void;
  look: (id: number) => void;
  busy: boolean;
  undo: () => void;
  decide: (decision: Decision) => void;
}

/** 1 accept, 2 duplicate of, 3 not a task (then 1 to 5 for the reason), e, h, u, j, k. */
function useKeys({ list, active, panel, setPanel, look, busy, undo, decide }: KeysProps): void {
  const { t } = useTranslation('review');
  const able = useCanChange() && !busy;
  const at = active ? list.indexOf(active) : -1;
  const move = (by: number) => {
    const to = list[at + by];
    if (to) look(to.id);
  };
  const reject = (n: number) => {
    const reason = REASONS[n - 1];
    if (reason) decide({ act: 'reject', reason });
  };
  const digit = (n: number, otherwise: () => void) => () => {
    if (!able || !active) return;
    if (panel === 'reject') reject(n);
    else otherwise();
  };
  const open = (next: Panel) => () => {
    if (active) setPanel(panel === next ? null : next);
  };
  useShortcuts(t('proposals.title'), [
    { keys: '1', label: t('proposals.accept'), run: digit(1, () => decide({ act: 'accept', body: {} })) },
    { keys: '2', label: t('proposals.duplicate'), run: digit(2, open('duplicate')) },
    { keys: '3', label: t('proposals.reject'), run: digit(3, open('reject')) },
    { keys: '4', label: t('proposals.reasonKeys'), run: digit(4, () => {}) },
    { keys: '5', label: t('proposals.reasonKeys'), run: digit(5, () => {}) },
    { keys: 'e', label: t('proposals.edit'), run: open('edit') },
    { keys: 'h', label: t('proposals.snooze'), run: () => able && active && decide({ act: 'snooze', until: addDays(new Date(), 1).toISOString() }) },
    { keys: 'u', label: t('proposals.undoLast'), run: () => able && undo() },
    { keys: 'j', label: t('proposals.next'), run: () => move(1) },
    { keys: 'k', label: t('proposals.previous'), run: () => move(-1) },
    { keys: 'Escape', label: t('proposals.close'), run: () => setPanel(null) },
  ]);
}
