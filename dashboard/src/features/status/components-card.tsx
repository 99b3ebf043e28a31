import { CircleAlert, CircleCheck, CircleHelp } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Card } from '@/components/page';
import { Said } from '@/components/said';
import { ErrorState, LoadingRows } from '@/components/states';
import { Badge } from '@/components/ui/badge';
import { cannotJudge, type AIProvider } from '@/data/ai';
import type { Health } from '@/data/operations';

import { componentName, isWorking } from './component-names';

interface ComponentsProps {
  health: Health | undefined;
  /** Who judges messages first, where that is known. */
  judge: AIProvider | undefined;
  error: Error | null;
  retry: () => void;
}

/** What the product depends on, as /api/health says, and who judges messages. What it does not say is not shown. */
export function Components({ health, judge, error, retry }: ComponentsProps) {
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
          {judge ? <Judge judge={judge} /> : null}
        </ul>
      )}
    </Card>
  );
}

/** As the workers see it: a model server that refuses is no fault of ours, and yet nothing is judged by it. */
function Judge({ judge }: { judge: AIProvider }) {
  const { t } = useTranslation(['status', 'common']);
  const down = cannotJudge(judge);
  const Icon = down ? CircleAlert : judge.state === 'ready' ? CircleCheck : CircleHelp;
  return (
    <li className="flex min-h-11 items-center gap-3 px-4 py-2 text-sm">
      <span className="min-w-0 flex-1">
        <Link to="/settings/ai" className="inline-flex items-center font-medium underline-offset-4 touch-target hover:underline">
          {t('component.classifier')}
        </Link>
        {down && judge.detail ? (
          <span className="block text-xs text-pretty text-muted">
            <Said sentence={judge.detail} clauses={judge.detail_clauses} />
          </span>
        ) : null}
      </span>
      <Badge tone={down ? 'danger' : judge.state === 'ready' ? 'success' : 'neutral'}>
        <Icon aria-hidden />
        {down ? t('parts.down') : judge.state === 'ready' ? t('parts.working') : t('parts.notAsked')}
      </Badge>
    </li>
  );
}
