import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Button } from '@/components/ui/button';
import type { Task, TaskUpdate } from '@/lib/api';

export interface EditProps {
  task: Task;
  /** Resolves with whether the server took it; what was typed stays where it did not. */
  onChange: (patch: TaskUpdate) => Promise<boolean>;
}

/** Below what is being edited: leave it, or keep it. */
export function EditActions({ disabled, onCancel }: { disabled: boolean; onCancel: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="flex justify-end gap-2">
      <Button size="sm" variant="ghost" onClick={onCancel}>
        {t('actions.cancel')}
      </Button>
      <ChangeButton size="sm" variant="primary" type="submit" disabled={disabled}>
        {t('actions.save')}
      </ChangeButton>
    </div>
  );
}
