import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Notice } from '@/components/notice';
import { Button } from '@/components/ui/button';
import type { Task, TaskUpdate } from '@/lib/api';

export interface EditProps {
  task: Task;
  /** Resolves with whether the server took it; what was typed stays where it did not. */
  onChange: (patch: TaskUpdate) => Promise<boolean>;
}

/** What somebody else has saved while this was being edited: to save would take it back unseen. */
export function Meanwhile({ text, onTake }: { text: string | null; onTake: () => void }) {
  const { t } = useTranslation('tasks');
  if (text === null) return null;
  return (
    <Notice tone="warning" announce title={t('meanwhile.title')} actions={<Button size="sm" onClick={onTake}>{t('meanwhile.take')}</Button>}>
      <bdi className="line-clamp-6 break-words whitespace-pre-wrap">{text || t('empty')}</bdi>
    </Notice>
  );
}

interface EditActionsProps {
  disabled: boolean;
  /** It was typed before, and left. */
  again: boolean;
  /** What keeping it is called; to save it, where nothing is said. */
  act?: string;
  onCancel: () => void;
}

/** Below what is being edited: leave it, or keep it. */
export function EditActions({ disabled, again, act, onCancel }: EditActionsProps) {
  const { t } = useTranslation(['tasks', 'common']);
  return (
    <div className="flex items-center justify-end gap-2">
      {again ? <span className="mr-auto text-xs text-muted">{t('unsaved')}</span> : null}
      <Button size="sm" variant="ghost" onClick={onCancel}>
        {t('common:actions.cancel')}
      </Button>
      <ChangeButton size="sm" variant="primary" type="submit" disabled={disabled}>
        {act ?? t('common:actions.save')}
      </ChangeButton>
    </div>
  );
}
