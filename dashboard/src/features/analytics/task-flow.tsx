import { useQuery } from '@tanstack/react-query';
import { ListChecks } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { ChartCard } from '@/components/charts/chart-card';
import { LazyDayChart } from '@/components/charts/lazy-day-chart';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock, State } from '@/components/states';
import { useLanguage } from '@/components/time';
import { bounds, type Period } from '@/data/activity';
import { taskFlowQuery } from '@/data/insight';
import { formatDay, formatNumber, isoDay } from '@/lib/format';
import { pathWith } from '@/lib/url-state';

type Kind = 'created' | 'closed';
const list = (kind: Kind, from: string, to: string) => pathWith('/tasks', { [`${kind}_from`]: from, [`${kind}_to`]: to });

/** Tasks created against closed, day by day. */
export function TaskFlow({ period }: { period: Period }) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const navigate = useNavigate();
  const span = bounds(period, new Date());
  const from = isoDay(span.from);
  const to = isoDay(span.to);
  const { data, error, refetch } = useQuery(taskFlowQuery(from, to));
  if (!data) {
    return <Card title={t('flow.title')}>{error ? <ErrorState error={error} retry={() => void refetch()} /> : <LoadingBlock className="min-h-56" />}</Card>;
  }
  if (data.created + data.closed === 0) {
    return (
      <Card title={t('flow.title')}>
        <State icon={ListChecks} title={t('flow.none')} />
      </Card>
    );
  }
  const number = (n: number) => formatNumber(n, language);
  const dayText = (day: string) => formatDay(new Date(`${day}T00:00`), language);
  const sum = { key: 'sum', cells: [t('activity.sum'), number(data.created), number(data.closed)], links: [undefined, list('created', from, to), list('closed', from, to)] };
  return (
    <ChartCard
      title={t('flow.title')}
      summary={t('flow.summary', { created: number(data.created), closed: number(data.closed) })}
      columns={[t('activity.day'), t('flow.created'), t('flow.closed')]}
      rows={[sum, ...data.days.map(({ day, created, closed }) => ({ key: day, cells: [dayText(day), number(created), number(closed)], links: [undefined, list('created', day, day), list('closed', day, day)] }))]}
    >
      <LazyDayChart
        data={data.days.map((each) => ({ ...each }))}
        series={(['created', 'closed'] as const).map((key) => ({ key, name: t(`flow.${key}`) }))}
        onMark={(day, key) => void navigate(list(key === 'closed' ? 'closed' : 'created', day, day))}
      />
    </ChartCard>
  );
}
