import { useQuery } from '@tanstack/react-query';
import { ChartNoAxesColumn } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { HeatLegend, HeatMap } from '@/components/charts/heat-map';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock, State } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { activityQuery } from '@/data/activity';
import { formatNumber } from '@/lib/format';
import { pathWith } from '@/lib/url-state';

/** When people wrote in the last seven days. */
export function ActivityCard() {
  const { t } = useTranslation(['dashboard', 'common']);
  const language = useLanguage();
  const { data, error, refetch } = useQuery(activityQuery({ kind: 'week' }));
  return (
    <Card
      title={t('activity.title')}
      actions={
        <Button asChild variant="ghost" size="sm">
          <Link to="/analytics">{t('activity.more')}</Link>
        </Button>
      }
    >
      {data ? (
        data.total === 0 ? (
          <State icon={ChartNoAxesColumn} title={t('activity.empty')} />
        ) : (
          <div className="p-4">
            <p className="mb-2 text-sm text-muted">
              <Link to={pathWith('/messages', { date_from: data.from, date_to: data.to })} className="text-primary-text underline underline-offset-4">
                {t('activity.summary', { count: data.total, n: formatNumber(data.total, language) })}
              </Link>
            </p>
            <HeatMap hours={data.hours} label={t('activity.title')} />
            <HeatLegend />
          </div>
        )
      ) : error ? (
        <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <LoadingBlock className="min-h-56" />
      )}
    </Card>
  );
}
