import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { ChangeButton } from '@/components/guarded';
import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Dialog, DialogBody, DialogClose, DialogContent, DialogFooter, DialogHeader } from '@/components/ui/dialog';
import type { DeadLetter } from '@/data/operations';
import { api, unwrap } from '@/lib/api';
import { keys } from '@/lib/query-keys';

import { useLetterWords } from './letter-words';

export type Act = 'replay' | 'delete';

interface ConfirmActProps {
  asking: { act: Act; letters: readonly DeadLetter[] } | null;
  onClose: () => void;
  /** Ids that were dealt with. */
  onDone: (ids: readonly number[]) => void;
}

function send(act: Act, id: number): Promise<unknown> {
  const params = { path: { id } };
  return act === 'replay' ? unwrap(api.POST('/api/dead-letters/{id}/replay', { params })) : unwrap(api.DELETE('/api/dead-letters/{id}', { params }));
}

/** Says what will happen to how many before it does. Replays go one after another, oldest first, and stop at nothing. */
export function ConfirmAct({ asking, onClose, onDone }: ConfirmActProps) {
  const { t } = useTranslation(['status', 'common']);
  const errorText = useErrorText();
  const words = useLetterWords();
  const cache = useQueryClient();
  const [progress, setProgress] = useState<number | null>(null);

  const run = async (act: Act, letters: readonly DeadLetter[]) => {
    const done: number[] = [];
    let fault: unknown;
    for (const [i, { id }] of [...letters].sort((a, b) => a.id - b.id).entries()) {
      setProgress(i);
      try {
        await send(act, id);
        done.push(id);
      } catch (error) {
        fault ??= error;
      }
    }
    setProgress(null);
    const failed = letters.length - done.length;
    if (done.length > 0) toast.success(act === 'replay' ? t('dead.replayed', { count: done.length }) : t('dead.deleted', { count: done.length }));
    if (failed > 0) toast.error(t('dead.failed', { count: failed }), { description: errorText(fault) });
    onDone(done);
    onClose();
    void cache.invalidateQueries({ queryKey: keys.deadLetters.all });
  };

  const count = asking?.letters.length ?? 0;
  const busy = progress !== null;
  return (
    <Dialog open={asking !== null} onOpenChange={(open) => !open && !busy && onClose()}>
      {asking ? (
        <DialogContent>
          <DialogHeader
            title={asking.act === 'replay' ? t('confirm.replay', { count }) : t('confirm.delete', { count })}
            description={asking.act === 'replay' ? t('confirm.replayText') : t('confirm.deleteText')}
          />
          <DialogBody>
            <ul className="max-h-40 divide-y divide-border overflow-y-auto rounded-md border border-border text-xs">
              {asking.letters.slice(0, 20).map((letter) => {
                const [why] = words(letter).sentences;
                return (
                  <li key={letter.id} className="truncate px-3 py-1.5">
                    <span className="text-muted tabular-nums">{letter.id}</span> {letter.kind}: <span lang={why?.lang}>{why?.text}</span>
                  </li>
                );
              })}
              {count > 20 ? <li className="px-3 py-1.5 text-muted">{t('confirm.more', { count: count - 20 })}</li> : null}
            </ul>
          </DialogBody>
          <DialogFooter>
            <DialogClose asChild>
              <Button disabled={busy}>{t('common:actions.cancel')}</Button>
            </DialogClose>
            <ChangeButton variant={asking.act === 'delete' ? 'danger' : 'primary'} disabled={busy} onClick={() => void run(asking.act, asking.letters)}>
              {busy ? t('confirm.progress', { done: progress, total: count }) : asking.act === 'replay' ? t('confirm.replayDo') : t('confirm.deleteDo')}
            </ChangeButton>
          </DialogFooter>
        </DialogContent>
      ) : null}
    </Dialog>
  );
}
