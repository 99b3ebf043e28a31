import { useQuery } from '@tanstack/react-query';
import { Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { similarQuery, type GroupDecision } from '@/data/proposals';
import type { Proposal } from '@/lib/api';
import { part } from '@/lib/part';

const SimilarDialog = part(async () => (await import('./similar-dialog')).SimilarDialog);

interface Props {
  proposal: Proposal;
  busy: boolean;
  decideGroup: (proposals: readonly [Proposal, ...Proposal[]], what: GroupDecision) => Promise<void>;
}

/** The other proposals that may say the same as the one that is looked at, to be decided with it. */
export function Similar({ proposal, busy, decideGroup }: Props) {
  const { t } = useTranslation('review');
  const { data = [] } = useQuery(similarQuery(proposal.id));
  const [open, setOpen] = useState(false);
  const wasOpen = useRef(false);
  wasOpen.current ||= open;
  if (data.length === 0 && !open) return null;
  return (
    <div className="rounded-lg border border-border p-3 text-sm">
      <p className="font-medium">{t('proposals.similar.title', { count: data.length })}</p>
      <ul aria-label={t('proposals.similar.title', { count: data.length })} className="mt-1 space-y-1">
        {data.slice(0, 3).map(({ proposal: { id, title }, shared }) => (
          <li key={id} className="[overflow-wrap:anywhere]">
            <bdi>{title}</bdi> <span className="text-xs text-muted">{shared.join(', ')}</span>
          </li>
        ))}
        {data.length > 3 ? <li className="text-xs text-muted">{t('proposals.similar.more', { count: data.length - 3 })}</li> : null}
      </ul>
      <ChangeButton size="sm" className="mt-2" disabled={busy} onClick={() => setOpen(true)}>
        {t('proposals.similar.open')}
      </ChangeButton>
      {wasOpen.current ? (
        <Suspense fallback={null}>
          <SimilarDialog proposal={proposal} similar={data.map((each) => each.proposal)} open={open} busy={busy} onOpenChange={setOpen} decideGroup={decideGroup} />
        </Suspense>
      ) : null}
    </div>
  );
}
