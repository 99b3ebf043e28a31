import { CircleAlert, CircleCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { Card } from '@/components/page';
import { ErrorState, LoadingRows } from '@/components/states';
import { Badge } from '@/components/ui/badge';
import type { Health } from '@/data/operations';

import { componentName, isWorking } from './component-names';

interface ComponentsProps {
  health: Health | undefined;
  error: Error | null;
  retry: () => void;
}

/** What the product depends on, as /api/health says. What it does not say is not shown. */
export function Components({ health, error, retry }: ComponentsProps) {
  const { t } = useTranslation(['status', 'common']);
  const parts = health ? Object.entries(health.components).sort(([a], [b]) => a.localeCompare(b)) : [];
  return (
    <Card title={t('parts.title')}>
      {error ? (
        <ErrorState error={error} title={t('parts.failed')} retry={retry} />
      ) : !health ? (
        <LoadingRows rows={2} />
      ) : parts.length === 0 ? (
        <p className="p-4 text-sm text-muted">{t('noData')}</p>
      ) : (
        <ul className="divide-y divide-border">
          {parts.map(([name, state]) => {
            const works = isWorking(state);
            return (
              <li key={name} className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-sm">
                <span className="min-w-0 flex-1 font-medium">{componentName(name, t)}</span>
                {works ? null : (
                  <span lang="en" className="min-w-0 text-xs break-words text-muted">
                    {state}
                  </span>
                )}
                <Badge tone={works ? 'success' : 'danger'}>
                  {works ? <CircleCheck aria-hidden /> : <CircleAlert aria-hidden />}
                  {works ? t('parts.working') : t('parts.down')}
                </Badge>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
