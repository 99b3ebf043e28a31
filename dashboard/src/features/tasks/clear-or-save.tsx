import { Button } from '@/components/ui/button';
import { useWords } from '@/i18n/words';

/** Below the one field of a popover: take its value away, or keep what was typed. */
export function ClearOrSave({ onClear }: { onClear: (() => void) | undefined }) {
  const t = useWords('common');
  return (
    <div className="flex justify-end gap-2">
      {onClear ? (
        <Button size="sm" variant="ghost" onClick={onClear}>
          {t('actions.clear')}
        </Button>
      ) : null}
      <Button type="submit" size="sm" variant="primary">
        {t('actions.save')}
      </Button>
    </div>
  );
}
