import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { CategoryChip, PriorityChip } from '@/components/chips';
import { ChangeButton } from '@/components/guarded';
import { Said } from '@/components/said';
import { RelativeTime, useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Kbd } from '@/components/ui/kbd';
import type { Decision, GroupDecision } from '@/data/proposals';
import type { Proposal } from '@/lib/api';
import { addDays, formatPercent } from '@/lib/format';

import { Similar } from './similar';
import { Due } from './due';
import { ProposalEvidence } from './proposal-evidence';
import { ProposalLinks } from './proposal-links';
import { DuplicatePanel, EditPanel, RejectPanel } from './proposal-panels';

/** What is open below a proposal. */
export type Panel = 'edit' | 'duplicate' | 'reject';

interface Props {
  proposal: Proposal;
  busy: boolean;
  panel: Panel | null;
  onPanel: (panel: Panel | null) => void;
  decide: (decision: Decision) => void;
  decideGroup: (proposals: readonly [Proposal, ...Proposal[]], what: GroupDecision) => Promise<void>;
}

/** The proposal that is looked at: what, how sure and why, the words that decided, and what a person can do about it. */
export function ProposalCard({ proposal, busy, panel, onPanel, decide, decideGroup }: Props) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const card = useRef<HTMLLIElement>(null);
  useEffect(() => {
    card.current?.scrollIntoView({ block: 'nearest' }); // a promise in new browsers: an effect must not return it
  }, []);
  /** Back to what opened the panel. What was typed is not thrown away: that takes a second Escape. */
  const leave = () => {
    const typed = card.current?.querySelector('form[data-changed=true]');
    card.current?.querySelector<HTMLElement>(`[data-toggles=${panel}]`)?.focus();
    if (!typed) onPanel(null);
  };
  return (
    <li ref={card} aria-current="true" className="space-y-3 border-l-2 border-l-primary bg-selected/40 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <h3 dir="auto" className="min-w-0 grow font-medium text-pretty [overflow-wrap:anywhere]">
          {proposal.title}
        </h3>
        <Due due_at={proposal.due_at} />
        <CategoryChip category={proposal.category} />
        <PriorityChip priority={proposal.priority} />
      </div>
      <p className="text-xs text-muted">
        {t('proposals.sureness', { share: formatPercent(proposal.confidence, language) })} · {proposal.source} · <RelativeTime at={proposal.created_at} />
        {proposal.message_ids.slice(0, 5).map((id, i) => (
          <span key={id}>
            {' · '}
            <Link to={`/messages?id=${id}`} className="inline-flex items-center underline touch-target">
              {proposal.message_ids.length === 1 ? t('proposals.openMessage') : t('proposals.openMessageOf', { n: i + 1 })}
            </Link>
          </span>
        ))}
      </p>
      {proposal.quote ? (
        <blockquote dir="auto" className="border-l-2 border-border-strong pl-3 text-sm [overflow-wrap:anywhere]">
          {proposal.quote}
        </blockquote>
      ) : null}
      <ProposalEvidence ids={proposal.message_ids} />
      {proposal.reason ? (
        <p className="text-sm text-muted">
          <Said sentence={proposal.reason} clauses={proposal.reason_clauses} />
        </p>
      ) : null}
      <ProposalLinks proposal={proposal} busy={busy} merge={(task) => void decide({ act: 'merge', task })} />
      <Similar proposal={proposal} busy={busy} decideGroup={decideGroup} />
      <Acts title={proposal.title} busy={busy} panel={panel} onPanel={onPanel} decide={decide} />
      {panel ? (
        <div
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || event.defaultPrevented) return;
            event.preventDefault();
            leave();
          }}
        >
          {panel === 'edit' ? <EditPanel proposal={proposal} busy={busy} decide={decide} /> : null}
          {panel === 'duplicate' ? <DuplicatePanel busy={busy} decide={decide} /> : null}
          {panel === 'reject' ? <RejectPanel busy={busy} decide={decide} /> : null}
        </div>
      ) : null}
    </li>
  );
}

function Acts({ title, busy, panel, onPanel, decide }: Omit<Props, 'proposal' | 'decideGroup'> & { title: string }) {
  const { t } = useTranslation('review');
  const toggles = [
    ['duplicate', '2', t('proposals.duplicate')],
    ['reject', '3', t('proposals.reject')],
    ['edit', 'e', t('proposals.edit')],
  ] as const;
  const hint = (keys: string) => (
    <span aria-hidden className="coarse:hidden">
      <Kbd keys={keys} />
    </span>
  );
  return (
    <div role="group" aria-label={t('proposals.acts', { title })} className="flex flex-wrap gap-2">
      <ChangeButton variant="primary" disabled={busy} aria-keyshortcuts="1" onClick={() => decide({ act: 'accept', body: {} })}>
        {t('proposals.accept')}
        {hint('1')}
      </ChangeButton>
      {toggles.map(([name, key, label]) => (
        <Button key={name} data-toggles={name} aria-expanded={panel === name} aria-keyshortcuts={key} onClick={() => onPanel(panel === name ? null : name)}>
          {label}
          {hint(key)}
        </Button>
      ))}
      <ChangeButton disabled={busy} aria-keyshortcuts="h" onClick={() => decide({ act: 'snooze', until: addDays(new Date(), 1).toISOString() })}>
        {t('proposals.snooze')}
        {hint('h')}
      </ChangeButton>
    </div>
  );
}
