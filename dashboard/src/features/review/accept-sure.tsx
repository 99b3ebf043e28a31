import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { CategoryChip, PriorityChip } from '@/components/chips';
import { ChangeButton } from '@/components/guarded';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { DialogBody, DialogClose, DialogContent, DialogFooter, DialogHeader, Dialog } from '@/components/ui/dialog';
import { openLinksQuery } from '@/data/links';
import type { Proposal } from '@/lib/api';
import { formatPercent } from '@/lib/format';

import { bars } from './triage';

interface Props {
  proposals: readonly Proposal[];
  open: boolean;
  busy: boolean;
  onOpenChange: (open: boolean) => void;
  acceptAll: (proposals: readonly Proposal[]) => Promise<void>;
}

/**
 * Accepts all above a bar at once: each that becomes a task is named before. One that may say what a task says already is
 * left for a person to decide.
 */
export function AcceptSure({ proposals, open, busy, onOpenChange, acceptAll }: Props) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const id = useId();
  const { data: links } = useQuery(openLinksQuery);
  const choices = bars(proposals);
  const [chosen, setChosen] = useState<number | null>(null);
  const doubtful = new Set(links?.flatMap(({ proposal_id }) => proposal_id ?? []));
  // The highest above which there is something to accept.
  const first = choices.find((choice) => proposals.some((proposal) => proposal.confidence >= choice && !doubtful.has(proposal.id)));
  const bar = chosen !== null && choices.includes(chosen) ? chosen : (first ?? choices[0] ?? 1);
  const above = proposals.filter(({ confidence }) => confidence >= bar);
  const meant = above.filter((proposal) => !doubtful.has(proposal.id));
  const left = above.length - meant.length;
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <DialogHeader title={t('proposals.sure.title')} description={t('proposals.sure.text')} />
        <DialogBody className="space-y-3 pb-4" tabIndex={0} role="group" aria-label={t('proposals.sure.title')}>
          <div className="flex flex-wrap items-center gap-2 text-sm">
            <label htmlFor={id}>{t('proposals.sure.bar')}</label>
            <select id={id} value={bar} onChange={(event) => setChosen(Number(event.target.value))} className="h-9 rounded-md border border-border-strong/60 bg-surface px-2 text-sm coarse:h-11">
              {choices.map((choice) => (
                <option key={choice} value={choice}>
                  {formatPercent(choice, language)}
                </option>
              ))}
            </select>
          </div>
          <ul aria-label={t('proposals.sure.list')} className="divide-y divide-border rounded-lg border border-border empty:hidden">
            {meant.map(({ id: each, title, category, priority, confidence }) => (
              <li key={each} className="flex flex-wrap items-center gap-2 px-3 py-2 text-sm">
                <span dir="auto" className="min-w-0 grow [overflow-wrap:anywhere]">
                  {title}
                </span>
                <CategoryChip category={category} />
                <PriorityChip priority={priority} />
                <span className="text-xs text-muted tabular-nums">{formatPercent(confidence, language)}</span>
              </li>
            ))}
          </ul>
          {left > 0 ? <p className="text-xs text-muted">{t('proposals.sure.left', { count: left })}</p> : null}
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="ghost">{t('common:actions.cancel')}</Button>
          </DialogClose>
          <ChangeButton variant="primary" disabled={busy || meant.length === 0 || !links} onClick={() => void acceptAll(meant).then(() => onOpenChange(false))}>
            {t('proposals.sure.accept', { count: meant.length })}
          </ChangeButton>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
