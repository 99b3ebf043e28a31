import { useTranslation } from 'react-i18next';
import { Toaster } from 'sonner';

import { isDark, usePreference } from '@/lib/preferences';

export function SonnerToaster() {
  const { t } = useTranslation();
  const theme = usePreference('theme');
  return (
    <Toaster
      theme={isDark(theme) ? 'dark' : 'light'}
      position="bottom-right"
      containerAriaLabel={t('notifications')}
      mobileOffset={{ bottom: 72 }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast: 'flex w-full items-center gap-3 rounded-lg bg-raised px-4 py-3 text-sm text-foreground shadow-pop sm:w-96',
          content: 'min-w-0 flex-1',
          title: 'font-medium break-words',
          description: 'mt-0.5 text-xs text-muted break-words',
          actionButton: 'shrink-0 rounded-md border border-border px-2.5 py-1 text-xs font-medium hover:bg-hover touch-target',
          error: '[&_[data-icon]]:text-danger',
          success: '[&_[data-icon]]:text-success',
        },
      }}
    />
  );
}
