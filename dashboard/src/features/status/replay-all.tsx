import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { ErrorState, LoadingBlock, useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter, DialogHeader } from '@/components/ui/dialog';
import type { DeadLetterFilter } from '@/data/operations';
import { formatNumber } from '@/lib/format';
import { keys } from '@/lib/query-keys';
import { toast } from '@/lib/toast';

import { rehearsalQuery, replay, type Counted } from './rehearsal';

/** Says, before anything is done, how many would be tried again; then does it in the order in which they failed. */
export function ReplayAll({ filter, open, onClose }: { filter: DeadLetterFilter; open: boolean; onClose: () => void }) {
  const { t } = useTranslation(['status', 'common']);
  const language = useLanguage();
  const errorText = useErrorText();
  const cache = useQueryClient();
  const [progress, setProgress] = useState<number | null>(null);
  const rehearsal = useQuery({ ...rehearsalQuery(filter), enabled: open });
  const busy = progress !== null;
  const number = (n: number) => formatNumber(n, language);
  const run = async (found: Counted) => {
    setProgress(0);
    try {
      const done = await replay(filter, false, found.upTo, setProgress);
      if (done.replayed > 0) toast.success(t('dead.replayed', { count: done.replayed }));
      if (done.stoppedBy) toast.error(t('replayAll.stopped'), { description: done.stoppedBy });
    } catch (error) {
      toast.error(t('replayAll.stopped'), { description: errorText(error) });
    }
    setProgress(null);
    onClose();
    void cache.invalidateQueries({ queryKey: keys.deadLetters.all });
    void cache.invalidateQueries({ queryKey: keys.pipeline });
  };
  const found = rehearsal.isFetching ? undefined : rehearsal.data;
  return (
    <Dialog open={open} onOpenChange={(isOpen) => !isOpen && !busy && onClose()}>
      <DialogContent>
        <DialogHeader title={t('replayAll.title')} description={t('confirm.replayText')} />
        <DialogBody>
          {rehearsal.isError ? (
            <ErrorState error={rehearsal.error} retry={() => void rehearsal.refetch()} />
          ) : found ? (
            <p role="status" className="text-sm">
              {t('replayAll.found', { count: found.matched, n: number(found.matched), able: number(found.replayable) })}
              {found.matched > found.replayable ? ` ${t('replayAll.rest', { n: number(found.matched - found.replayable) })}` : ''}
            </p>
          ) : (
            <LoadingBlock className="min-h-16" />
          )}
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button disabled={busy}>{t('common:actions.cancel')}</Button>
          </DialogClose>
          <ChangeButton variant="primary" disabled={busy || !found || found.replayable === 0} onClick={() => found && void run(found)}>
            {busy ? t('confirm.progress', { done: number(progress), total: number(found?.replayable ?? 0) }) : t('confirm.replayDo')}
          </ChangeButton>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
