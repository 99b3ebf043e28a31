import { useQuery } from '@tanstack/react-query';
import { ListChecks } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { BarList, type Bar } from '@/components/charts/bar-list';
import { ChartCard } from '@/components/charts/chart-card';
import { categoryLook, Labelled, priorityLook, statusLook } from '@/components/chips';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock, State } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { statsQuery } from '@/data/insight';
import type { Stats } from '@/lib/api';
import { formatNumber, formatPercent } from '@/lib/format';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';
import { pathWith } from '@/lib/url-state';

/** All tasks there are, as `GET /api/stats` counts them at this moment. */
export function TaskAnalytics() {
  const { t } = useTranslation(['analytics', 'common']);
  const stats = useQuery(statsQuery);
  return (
    <section aria-labelledby="analytics-tasks" className="space-y-4">
      <div>
        <h2 id="analytics-tasks" className="text-base font-semibold">
          {t('tasks.title')}
        </h2>
        <p className="text-xs text-muted">{t('tasks.text')}</p>
      </div>
      {stats.data ? (
        stats.data.total === 0 ? (
          <Card>
            <State
              icon={ListChecks}
              title={t('tasks.emptyTitle')}
              text={t('tasks.empty')}
              actions={
                <Button asChild>
                  <Link to="/tasks">{t('tasks.toTasks')}</Link>
                </Button>
              }
            />
          </Card>
        ) : (
          <TaskFigures stats={stats.data} />
        )
      ) : stats.error ? (
        <Card>
          <ErrorState error={stats.error} retry={() => void stats.refetch()} />
        </Card>
      ) : (
        <LoadingBlock className="min-h-64" />
      )}
    </section>
  );
}

interface Total {
  key: string;
  label: string;
  value: string;
  note?: string;
  to: string;
}

function TaskFigures({ stats }: { stats: Stats }) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const number = (n: number) => formatNumber(n, language);
  const { total, completed, by_status, trend } = stats;
  const totals: Total[] = [
    { key: 'total', label: t('tasks.total'), value: number(total), note: t('tasks.created30', { count: trend.total, n: number(trend.total) }), to: '/tasks' },
    ...(['open', 'in_progress', 'completed'] as const).map((status) => ({
      key: status,
      label: t(`common:status.${status}`),
      value: number(by_status[status]),
      to: pathWith('/tasks', { status }),
    })),
    {
      key: 'rate',
      label: t('tasks.rate'),
      value: formatPercent(completed / total, language),
      note: t('tasks.rateNote', { done: number(completed), total: number(total) }),
      to: pathWith('/tasks', { status: 'completed' }),
    },
  ];
  const share = (n: number) => formatPercent(n / total, language);

  const distribution = (title: string, column: string, bars: readonly (Bar & { name: string })[]): ReactNode => {
    const most = bars.reduce((best, bar) => (bar.count > best.count ? bar : best));
    return (
      <ChartCard
        title={title}
        summary={t('distribution.summary', { name: most.name, n: number(most.count), share: share(most.count) })}
        columns={[column, t('tasks.count'), t('distribution.share')]}
        rows={bars.map(({ key, name, count, to }) => ({ key, cells: [name, number(count), share(count)], to }))}
      >
        <BarList bars={bars} total={total} />
      </ChartCard>
    );
  };

  return (
    <>
      <ul className="grid grid-cols-2 gap-3 md:grid-cols-5">
        {totals.map(({ key, label, value, note, to }) => (
          <li key={key} className={key === 'total' ? 'max-md:col-span-2' : ''}>
            <Link to={to} className="block h-full rounded-lg border border-border bg-surface p-4 shadow-card transition-colors hover:bg-hover">
              <span className="block text-xs text-muted">{label}</span>
              <span className="block text-2xl font-semibold tabular-nums">{value}</span>
              {note ? <span className="block text-xs text-muted">{note}</span> : null}
            </Link>
          </li>
        ))}
      </ul>
      <p className="text-sm text-pretty text-muted">
        {t('tasks.trend', { count: trend.total, n: number(trend.total), done: number(trend.completed), waiting: number(trend.pending), progress: number(trend.in_progress), cancelled: number(trend.cancelled) })}
      </p>
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-3">
        {distribution(
          t('distribution.status'),
          t('common:status.label'),
          STATUSES.map((status) => {
            const name = t(`common:status.${status}`);
            return { key: status, name, label: <Labelled look={statusLook[status]} text={name} />, count: by_status[status], to: pathWith('/tasks', { status }) };
          }),
        )}
        {distribution(
          t('distribution.category'),
          t('common:category.label'),
          CATEGORIES.map((category) => {
            const name = t(`common:category.${category}`);
            return { key: category, name, label: <Labelled look={categoryLook[category]} text={name} />, count: stats.categories[category] ?? 0, to: pathWith('/tasks', { category }) };
          }),
        )}
        {distribution(
          t('distribution.priority'),
          t('common:priority.label'),
          PRIORITIES.map((priority) => {
            const name = t(`common:priority.${priority}`);
            return { key: priority, name, label: <Labelled look={priorityLook[priority]} text={name} />, count: stats.byPriority[priority], to: pathWith('/tasks', { priority }) };
          }),
        )}
      </div>
    </>
  );
}
