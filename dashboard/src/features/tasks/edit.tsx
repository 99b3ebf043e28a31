import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Button } from '@/components/ui/button';
import type { Task, TaskUpdate } from '@/lib/api';

export interface EditProps {
  task: Task;
  /** Resolves with whether the server took it; what was typed stays where it did not. */
  onChange: (patch: TaskUpdate) => Promise<boolean>;
}

/** Below what is being edited: leave it, or keep it. `again`: it was typed before, and left. */
export function EditActions({ disabled, again, onCancel }: { disabled: boolean; again: boolean; onCancel: () => void }) {
  const { t } = useTranslation(['tasks', 'common']);
  return (
    <div className="flex items-center justify-end gap-2">
      {again ? <span className="mr-auto text-xs text-muted">{t('unsaved')}</span> : null}
      <Button size="sm" variant="ghost" onClick={onCancel}>
        {t('common:actions.cancel')}
      </Button>
      <ChangeButton size="sm" variant="primary" type="submit" disabled={disabled}>
        {t('common:actions.save')}
      </ChangeButton>
    </div>
  );
}
