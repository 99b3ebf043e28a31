import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { ChartCard } from '@/components/charts/chart-card';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock } from '@/components/states';
import { useLanguage } from '@/components/time';
import { durationsQuery, type Span } from '@/data/quality';
import { cn } from '@/lib/cn';
import { formatDuration, formatNumber } from '@/lib/format';
import { pathWith } from '@/lib/url-state';

import { decisionsPath } from './decision-filter';

/** How long accepting and closing took, with the list that it was measured of; where too few were measured, that. */
export function Durations(span: Span) {
  const { t } = useTranslation('analytics');
  const language = useLanguage();
  const [parameters] = useSearchParams();
  const { data, error, refetch } = useQuery(durationsQuery(span));
  if (!data) {
    return <Card title={t('durations.title')}>{error ? <ErrorState error={error} retry={() => void refetch()} /> : <LoadingBlock className="min-h-32" />}</Card>;
  }
  const kinds = [
    { key: 'accept', ...data.accept, to: decisionsPath(parameters, { accepted: true }) },
    { key: 'close', ...data.close, to: pathWith('/tasks', { closed_from: span.from, closed_to: span.to, chat_id: span.chat_id }) },
  ] as const;
  const time = (seconds: number | null) => (seconds === null ? '—' : formatDuration(seconds, language));
  const said = ({ key, count, median_seconds: median, p90_seconds: p90 }: (typeof kinds)[number]) => {
    const n = formatNumber(count, language);
    return median === null || p90 === null
      ? t(`durations.${key}Few`, { count, n, least: formatNumber(data.least_measured, language) })
      : t(`durations.${key}Took`, { count, n, median: formatDuration(median, language), p90: formatDuration(p90, language) });
  };
  return (
    <ChartCard
      title={t('durations.title')}
      summary={t('durations.text')}
      columns={[t('durations.what'), t('durations.count'), t('durations.median'), t('durations.p90')]}
      rows={kinds.map(({ key, count, median_seconds, p90_seconds, to }) => ({ key, cells: [t(`durations.${key}`), formatNumber(count, language), time(median_seconds), time(p90_seconds)], to }))}
    >
      <ul className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        {kinds.map((kind) => (
          <li key={kind.key}>
            <Link to={kind.to} className="block h-full rounded-lg border border-border p-3 transition-colors hover:bg-hover">
              <span className="block text-xs text-muted">{t(`durations.${kind.key}`)}</span>
              <span className={cn('block text-2xl font-semibold tabular-nums', kind.median_seconds === null && 'text-muted')}>{time(kind.median_seconds)}</span>
              <span className="block text-xs text-pretty text-muted">{said(kind)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </ChartCard>
  );
}
