import { useQuery } from '@tanstack/react-query';
import { ChartNoAxesColumn, Plug } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';

import { BarList } from '@/components/charts/bar-list';
import { ChartCard } from '@/components/charts/chart-card';
import { heatRows, peak } from '@/components/charts/heat';
import { LazyDayChart } from '@/components/charts/lazy-day-chart';
import { fillOf } from '@/components/charts/series';
import { clock, HeatLegend, HeatMap } from '@/components/charts/heat-map';
import { WidgetBoundary } from '@/components/fault';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock, State } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { activityQuery, hoursOf, sumBy, type ActivityView, type HourCount } from '@/data/activity';
import { messageFiltersQuery } from '@/data/messages/queries';
import { settingsQuery } from '@/data/settings';
import { formatDay, formatNumber, formatPercent, timeZone, weekdayName } from '@/lib/format';
import { pathWith, useUrlFilter } from '@/lib/url-state';

import { ChatShares } from './chat-shares';
import { FromMessageToDone } from './from-message-to-done';
import { parsePeriod } from './period';
import { PeriodPicker } from './period-picker';
import { TaskFlow } from './task-flow';

/** Messages of a week or a month, in days and hours of the reader's zone. */
export function MessageAnalytics() {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const [period] = useUrlFilter(parsePeriod);
  const activity = useQuery(activityQuery(period));
  const view = activity.data;
  const dayText = (day: string) => formatDay(new Date(`${day}T00:00`), language);
  return (
    <section aria-labelledby="analytics-messages" className="space-y-4">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <h2 id="analytics-messages" className="text-base font-semibold">
            {t('activity.title')}
          </h2>
          <p className="text-xs text-muted">{view ? t('activity.span', { from: dayText(view.from), to: dayText(view.to), zone: timeZone() }) : timeZone()}</p>
        </div>
        <PeriodPicker period={period} />
      </div>
      <FromMessageToDone period={period} />
      <WidgetBoundary>
        <TaskFlow period={period} />
      </WidgetBoundary>
      {view ? (
        view.total === 0 ? (
          <Card>
            <NoMessages />
          </Card>
        ) : (
          <Charts view={view} />
        )
      ) : activity.error ? (
        <Card>
          <ErrorState error={activity.error} retry={() => void activity.refetch()} />
        </Card>
      ) : (
        <LoadingBlock className="min-h-64" />
      )}
    </section>
  );
}

/** Tells apart: no chat is connected yet, and none said anything in this time. */
function NoMessages() {
  const { t } = useTranslation('analytics');
  const { data: settings } = useQuery(settingsQuery);
  const { data: totals } = useQuery(messageFiltersQuery);
  const connected = settings?.telegram.bot_token !== '' || totals?.total_messages !== 0;
  return (
    <State
      icon={connected ? ChartNoAxesColumn : Plug}
      title={connected ? t('activity.emptyTitle') : t('activity.notConnectedTitle')}
      text={connected ? t('activity.empty') : t('activity.notConnected')}
      actions={
        <Button asChild>
          {connected ? <Link to="/messages">{t('activity.toMessages')}</Link> : <Link to="/settings/telegram">{t('activity.connect')}</Link>}
        </Button>
      }
    />
  );
}

function Charts({ view }: { view: ActivityView }) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const navigate = useNavigate();
  const { hours, days, total, from, to } = view;
  const number = (n: number) => formatNumber(n, language);
  const dayText = (day: string) => formatDay(new Date(`${day}T00:00`), language);
  const dayPath = (day: string, source?: string | null) => pathWith('/messages', { source: source ?? undefined, date_from: day, date_to: day });

  const bySource = sumBy(hours, ({ source }) => source);
  const sources = [...bySource.keys()];
  const byDay = sumBy(hours, ({ day }) => day);
  const [busiest = from, busiestCount = 0] = byDay.entries().next().value ?? [];
  const perDay = days.map((day) => {
    const own = sumBy(hours.filter((hour) => hour.day === day), ({ source }) => source);
    return { day, ...Object.fromEntries(sources.map((source) => [source, own.get(source) ?? 0])) };
  });
  const cells = heatRows(hours, 1);
  const top = peak(cells);

  return (
    <div className="grid grid-cols-1 gap-4 lg:grid-cols-3">
      <ChartCard
        className="lg:col-span-2"
        title={t('activity.perDay')}
        summary={t('activity.perDaySummary', { count: total, n: number(total), day: dayText(busiest), most: number(busiestCount) })}
        columns={[t('activity.day'), ...sources, t('activity.sum')]}
        rows={days.map((day, i) => ({ key: day, cells: [dayText(day), ...sources.map((source) => number(Number(perDay[i]?.[source as keyof (typeof perDay)[number]] ?? 0))), number(byDay.get(day) ?? 0)], to: dayPath(day), links: [undefined, ...sources.map((source) => dayPath(day, source)), dayPath(day)] }))}
      >
        <WidgetBoundary>
          <LazyDayChart
            data={perDay}
            series={sources.map((source) => ({ key: source, name: source }))}
            stacked
            onMark={(day, source) => void navigate(dayPath(day, source))}
          />
        </WidgetBoundary>
      </ChartCard>
      <ChartCard
        title={t('activity.bySource')}
        summary={t('activity.bySourceSummary', { count: sources.length, n: number(sources.length), source: sources[0] ?? '', share: formatPercent((bySource.get(sources[0] ?? '') ?? 0) / total, language) })}
        columns={[t('activity.source'), t('activity.count')]}
        rows={sources.map((source) => ({ key: source, cells: [source, number(bySource.get(source) ?? 0)], to: pathWith('/messages', { source, date_from: from, date_to: to }) }))}
      >
        <BarList total={total} bars={sources.map((source, i) => ({ key: source, label: source, fill: fillOf(i), count: bySource.get(source) ?? 0, to: pathWith('/messages', { source, date_from: from, date_to: to }) }))} />
      </ChartCard>
      <WidgetBoundary>
        <ChatShares from={from} to={to} />
      </WidgetBoundary>
      <ChartCard
        className="lg:col-span-2"
        title={t('heat.title')}
        summary={top ? t('heat.summary', { weekday: weekdayName(top.weekday, language, 'long'), from: clock(top.hour), to: clock(top.hour + 1), count: top.count, n: number(top.count) }) : ''}
        columns={[t('heat.hour'), t('activity.count')]}
        rows={hourRows(hours).map(({ day, hour, count }) => ({
          key: `${day} ${hour}`,
          cells: [`${weekdayName(weekdayOf(day), language)}, ${dayText(day)}, ${clock(hour)}–${clock(hour + 1)}`, number(count)],
          to: pathWith('/messages', hoursOf(day, hour, 1)),
        }))}
      >
        <HeatMap hours={hours} label={t('heat.title')} />
        <HeatLegend />
      </ChartCard>
    </div>
  );
}

const weekdayOf = (day: string) => (new Date(`${day}T00:00`).getDay() + 6) % 7;

/** Hours with messages, the newest first, whatever their source. */
function hourRows(hours: readonly HourCount[]): { day: string; hour: number; count: number }[] {
  const sums = new Map<string, { day: string; hour: number; count: number }>();
  for (const { day, hour, count } of hours) {
    const key = `${day} ${String(hour).padStart(2, '0')}`;
    const known = sums.get(key);
    if (known) known.count += count;
    else sums.set(key, { day, hour, count });
  }
  return [...sums].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, row]) => row);
}
