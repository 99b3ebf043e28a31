import { useTranslation } from 'react-i18next';

import { Button, type ButtonProps } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { useCanChange } from '@/live/live';

/**
 * A button that changes something on the server. Without a connection it stays focusable, does nothing and says
 * why on hover and focus.
 */
export function ChangeButton({ onClick, disabled, ...props }: Omit<ButtonProps, 'asChild'>) {
  const { t } = useTranslation();
  const canChange = useCanChange();
  if (canChange) return <Button {...props} onClick={onClick} disabled={disabled} />;
  return (
    <Tooltip label={t('live.blocked')}>
      <Button {...props} type="button" aria-disabled onClick={(event) => event.preventDefault()} />
    </Tooltip>
  );
}
