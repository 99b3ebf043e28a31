import { useInfiniteQuery } from '@tanstack/react-query';
import { Suspense, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { LoadMore } from '@/components/load-more';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows } from '@/components/states';
import { proposalsQuery, useDecide, type Decision } from '@/data/proposals';
import type { Proposal, Task } from '@/lib/api';
import { addDays } from '@/lib/format';
import { part } from '@/lib/part';
import { setPreference, usePreference } from '@/lib/preferences';
import { useShortcuts } from '@/lib/shortcuts';
import { useCanChange } from '@/live/live';

import { Done } from './done';
import { NothingWaits } from './nothing-waits';
import { ProposalCard, type Panel } from './proposal-card';
import { REASONS } from './proposal-panels';
import { ProposalRow } from './proposal-row';
import { after, bars, byRisk, neighbour, type Decided } from './triage';

const AcceptSure = part(async () => (await import('./accept-sure')).AcceptSure);

/** What may be a task and waits for a person's word: one is looked at, the others wait in a list. */
export function Proposals() {
  const { t } = useTranslation(['review', 'common']);
  const query = useInfiniteQuery(proposalsQuery);
  const order = usePreference('reviewOrder');
  const [parameters, setParameters] = useSearchParams();
  const [panel, setPanel] = useState<Panel | null>(null);
  const [decided, setDecided] = useState<readonly Decided[]>([]);
  const list = useMemo(() => {
    const waiting = query.data?.pages.flatMap(({ items }) => items) ?? [];
    return order === 'risk' ? byRisk(waiting, new Date()) : waiting;
  }, [query.data, order]);
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
  const latest = useRef({ list, active });
  useEffect(() => {
    latest.current = { list, active };
  });
  const { decide, decideGroup, acceptAll, busy } = useDecide(
    useCallback(
      (proposal: Proposal, decision: Decision, task: Task | null) => {
        setDecided((before) => after(before, proposal, decision, task));
        if (decision.act === 'undo') look(proposal.id);
        else if (proposal.id === latest.current.active?.id) look(neighbour(latest.current.list, proposal.id));
      },
      [look],
    ),
  );
  const last = decided.at(-1);
  const undo = () => {
    if (last) void decide(last.proposal, { act: 'undo' });
  };
  useKeys({ list, active, panel, setPanel, look, busy, undo, decide: (decision) => active && void decide(active, decision) });
  return (
    <Card title={t('proposals.title')} actions={<Actions list={list} done={decided.length} more={query.hasNextPage} busy={busy} undo={last ? undo : null} acceptAll={acceptAll} />}>
      {query.data ? (
        list.length === 0 ? (
          decided.length > 0 ? (
            <Done decided={decided} />
          ) : (
            <NothingWaits />
          )
        ) : (
          <>
            <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-border px-4 py-3 text-sm">
              <p className="min-w-60 flex-1 text-pretty text-muted">{t('proposals.text')}</p>
              <Order order={order} />
            </div>
            <ul aria-label={t('proposals.title')} className="divide-y divide-border">
              {list.map((proposal) =>
                proposal.id === active?.id ? (
                  <ProposalCard key={proposal.id} proposal={proposal} busy={busy} panel={panel} onPanel={setPanel} decide={(decision) => void decide(proposal, decision)} decideGroup={decideGroup} />
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
      <LoadMore query={query} />
    </Card>
  );
}

function Order({ order }: { order: 'risk' | 'newest' }) {
  const { t } = useTranslation('review');
  return (
    <div role="group" aria-label={t('proposals.order.label')} className="flex rounded-md border border-border bg-sunken p-0.5">
      {(['risk', 'newest'] as const).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={order === each}
          title={t(`proposals.order.${each}Why`)}
          onClick={() => setPreference('reviewOrder', each)}
          className="inline-flex h-6.5 items-center rounded-sm px-2 text-xs text-muted touch-target aria-pressed:bg-surface aria-pressed:font-medium aria-pressed:text-foreground aria-pressed:shadow-card"
        >
          {t(`proposals.order.${each}`)}
        </button>
      ))}
    </div>
  );
}

interface ActionsProps {
  list: readonly Proposal[];
  done: number;
  /** There are more than are loaded. */
  more: boolean;
  busy: boolean;
  undo: (() => void) | null;
  acceptAll: (proposals: readonly Proposal[]) => Promise<void>;
}

/** How far one has come, and what can be done about many at once. */
function Actions({ list, done, more, busy, undo, acceptAll }: ActionsProps) {
  const { t } = useTranslation(['review', 'common']);
  const [sure, setSure] = useState(false);
  const wasOpen = useRef(false);
  wasOpen.current ||= sure;
  return (
    <>
      {done + list.length > 0 ? <span className="text-xs text-muted tabular-nums">{t('proposals.progress', { done, total: `${done + list.length}${more ? '+' : ''}` })}</span> : null}
      {bars(list).length > 0 ? (
        <ChangeButton size="sm" disabled={busy} onClick={() => setSure(true)}>
          {t('proposals.sure.open')}
        </ChangeButton>
      ) : null}
      {undo ? (
        <ChangeButton size="sm" disabled={busy} onClick={undo} aria-keyshortcuts="u">
          {t('common:actions.undo')}
        </ChangeButton>
      ) : null}
      {wasOpen.current ? (
        <Suspense fallback={null}>
          <AcceptSure proposals={list} open={sure} busy={busy} onOpenChange={setSure} acceptAll={acceptAll} />
        </Suspense>
      ) : null}
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
