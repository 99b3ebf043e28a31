import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Dialog, DialogBody, DialogContent, DialogHeader } from '@/components/ui/dialog';
import { TaskFinder } from '@/data/tasks/task-finder';
import type { Message, Task } from '@/lib/api';

interface AttachProps {
  /** Null while nothing is to be added. */
  messages: readonly Message[] | null;
  attach: (messages: readonly Message[], task: Task) => Promise<unknown>;
  onClose: () => void;
}

/** Chooses the task that messages are added to. */
export function AttachDialog({ messages, attach, onClose }: AttachProps) {
  const { t } = useTranslation('messages');
  const [busy, setBusy] = useState(false);
  const add = async (task: Task) => {
    setBusy(true);
    await attach(messages ?? [], task);
    setBusy(false);
    onClose();
  };
  return (
    <Dialog open={messages !== null} onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader title={t('attach.title', { count: messages?.length ?? 0 })} description={t('attach.text')} />
        <DialogBody className="space-y-2 pb-4">
          <TaskFinder act={t('attach.add')} actOn={(title) => t('attach.addTo', { title })} busy={busy} onPick={(task) => void add(task)} />
        </DialogBody>
      </DialogContent>
    </Dialog>
  );
}
