import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { ChangeButton } from '@/components/guarded';
import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter, DialogHeader } from '@/components/ui/dialog';
import { rereadTelegram } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';

import { CauseAndFix, Notice } from '../notice';

interface RemoveWebhookProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** Updates that wait at Telegram. */
  pending: number;
}

/** Asks before no update comes any more, and about what waits: dropping that is for good. */
export function RemoveWebhook({ open, onOpenChange, pending }: RemoveWebhookProps) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const id = useId();
  const [drop, setDrop] = useState(false);
  const remove = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/webhook-settings/telegram', { params: { query: { drop_pending_updates: drop } } })),
    onSuccess: (answer) => {
      rereadTelegram(cache);
      if (!answer.success) return;
      toast.success(t('remove.done'));
      change(false);
    },
  });
  const change = (next: boolean) => {
    if (!next) {
      setDrop(false);
      remove.reset();
    }
    onOpenChange(next);
  };
  return (
    <Dialog open={open} onOpenChange={change}>
      <DialogContent>
        <DialogHeader title={t('remove.title')} description={t('remove.text')} />
        <DialogBody className="space-y-3 pb-4">
          {pending > 0 ? <p className="text-sm">{t('remove.pending', { count: pending })}</p> : null}
          <div className="flex items-start gap-2.5">
            <Checkbox id={id} checked={drop} onCheckedChange={(checked) => setDrop(checked === true)} className="mt-0.5" />
            <label htmlFor={id} className="text-sm">
              {t('remove.drop')}
              <span className="block text-xs text-muted">{t('remove.dropText')}</span>
            </label>
          </div>
          {remove.error ? <Notice tone="danger" announce title={errorText(remove.error)} /> : null}
          {remove.data && !remove.data.success ? (
            <Notice tone="danger" announce title={t('remove.failed')}>
              <CauseAndFix of={{ ...remove.data, cause: remove.data.error ?? remove.data.message }} />
            </Notice>
          ) : null}
        </DialogBody>
        <DialogFooter>
          <DialogClose asChild>
            <Button>{t('common:actions.cancel')}</Button>
          </DialogClose>
          <ChangeButton variant="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>
            {remove.isPending ? t('remove.removing') : drop ? t('remove.confirmDrop') : t('remove.confirm')}
          </ChangeButton>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
