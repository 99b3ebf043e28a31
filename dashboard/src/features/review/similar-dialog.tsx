import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { CategoryChip, PriorityChip } from '@/components/chips';
import { ChangeButton } from '@/components/guarded';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter, DialogHeader } from '@/components/ui/dialog';
import type { GroupDecision } from '@/data/proposals';
import type { Proposal, RejectReason } from '@/lib/api';

import { REASONS } from './proposal-panels';

interface Props {
  proposal: Proposal;
  similar: readonly Proposal[];
  open: boolean;
  busy: boolean;
  onOpenChange: (open: boolean) => void;
  decideGroup: (proposals: readonly [Proposal, ...Proposal[]], what: GroupDecision) => Promise<void>;
}

/** Decides about proposals that say the same at once: what happens to each is named before, and each can be left out. */
export function SimilarDialog({ proposal, similar, open, busy, onOpenChange, decideGroup }: Props) {
  const { t } = useTranslation(['review', 'common']);
  const id = useId();
  const [out, setOut] = useState<ReadonlySet<number>>(new Set());
  const [act, setAct] = useState<'accept' | RejectReason>('accept');
  const meant = similar.filter((each) => !out.has(each.id));
  const decide = () => void decideGroup([proposal, ...meant], act === 'accept' ? { act } : { act: 'reject', reason: act }).then(() => onOpenChange(false));
  const becomes = (first: boolean) => (act !== 'accept' ? t('proposals.similar.rejected') : first ? t('proposals.similar.task') : t('proposals.similar.added'));
  const line = (each: Proposal, first: boolean) => (
    <>
      <span dir="auto" className="min-w-0 grow [overflow-wrap:anywhere]">
        {each.title}
      </span>
      <CategoryChip category={each.category} />
      <PriorityChip priority={each.priority} />
      <span className="w-full text-xs text-muted">{out.has(each.id) ? t('proposals.similar.waits') : becomes(first)}</span>
    </>
  );
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent>
        <DialogHeader title={t('proposals.similar.decide', { count: meant.length + 1 })} description={t('proposals.similar.text')} />
        <DialogBody className="space-y-3 pb-4">
          <div className="flex flex-wrap items-center gap-2 text-sm">
            <label htmlFor={id}>{t('proposals.similar.what')}</label>
            <select id={id} value={act} onChange={(event) => setAct(event.target.value as typeof act)} className="h-9 rounded-md border border-border-strong/60 bg-surface px-2 text-sm coarse:h-11">
              <option value="accept">{t('proposals.similar.one')}</option>
              {REASONS.map((reason) => (
                <option key={reason} value={reason}>
                  {t('proposals.reject')}: {t(`proposals.reasons.${reason}`)}
                </option>
              ))}
            </select>
          </div>
          <ul aria-label={t('proposals.similar.list')} className="divide-y divide-border rounded-lg border border-border">
            <li className="flex flex-wrap items-center gap-2 px-3 py-2 text-sm">{line(proposal, true)}</li>
            {similar.map((each) => (
              <li key={each.id}>
                <label className="flex cursor-pointer items-start gap-2.5 px-3 py-2 text-sm touch-target hover:bg-hover">
                  <Checkbox
                    className="mt-0.5"
                    aria-label={each.title}
                    checked={!out.has(each.id)}
                    onCheckedChange={() => {
                      const next = new Set(out);
                      if (!next.delete(each.id)) next.add(each.id);
                      setOut(next);
                    }}
                  />
                  <span className="flex min-w-0 grow flex-wrap items-center gap-2">{line(each, false)}</span>
                </label>
              </li>
            ))}
          </ul>
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button variant="ghost">{t('common:actions.cancel')}</Button>
          </DialogClose>
          <ChangeButton variant="primary" disabled={busy || meant.length === 0} onClick={decide}>
            {t(act === 'accept' ? 'proposals.similar.acceptAll' : 'proposals.similar.rejectAll', { count: meant.length + 1 })}
          </ChangeButton>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
