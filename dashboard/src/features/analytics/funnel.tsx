import { useQuery } from '@tanstack/react-query';
import { ChartNoAxesColumn } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { BarList } from '@/components/charts/bar-list';
import { ChartCard } from '@/components/charts/chart-card';
import { shareText } from '@/components/charts/share';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock, State } from '@/components/states';
import { useLanguage } from '@/components/time';
import { funnelQuery, type Span } from '@/data/quality';
import { formatNumber } from '@/lib/format';
import { pathWith } from '@/lib/url-state';

/** How many messages got how far, each stage with its share of the one before and the messages behind it. */
export function Funnel(span: Span) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const { data, error, refetch } = useQuery(funnelQuery(span));
  if (!data) {
    return <Card title={t('funnel.title')}>{error ? <ErrorState error={error} retry={() => void refetch()} /> : <LoadingBlock className="min-h-56" />}</Card>;
  }
  if (data.messages === 0) {
    return (
      <Card title={t('funnel.title')}>
        <State icon={ChartNoAxesColumn} title={t('activity.emptyTitle')} />
      </Card>
    );
  }
  const number = (n: number) => formatNumber(n, language);
  const list = (filter: Record<string, string>) => pathWith('/messages', { chat_id: span.chat_id, date_from: span.from, date_to: span.to, ...filter });
  const issue = { classification: 'issue' };
  const stages = [
    { key: 'messages', count: data.messages, of: 0, to: list({}) },
    { key: 'issues', count: data.issues, of: data.messages, to: list(issue) },
    { key: 'proposed', count: data.proposed, of: data.issues, to: list({ ...issue, reached: 'proposed' }) },
    { key: 'accepted', count: data.accepted, of: data.proposed, to: list({ ...issue, reached: 'accepted' }) },
    { key: 'done', count: data.done, of: data.accepted, to: list({ ...issue, reached: 'done' }) },
  ] as const;
  const unjudged = data.messages - data.judged;
  const counts = { issues: number(data.issues), proposed: number(data.proposed), accepted: number(data.accepted), done: number(data.done) };
  return (
    <ChartCard
      title={t('funnel.title')}
      summary={
        <>
          {t('funnel.summary', { count: data.messages, n: number(data.messages), ...counts })}
          {unjudged > 0 ? (
            <>
              {' '}
              <Link to={list({ classification: 'unclassified' })} className="text-primary-text underline underline-offset-4">
                {t('funnel.unjudged', { count: unjudged, n: number(unjudged) })}
              </Link>
            </>
          ) : null}
        </>
      }
      columns={[t('funnel.stage'), t('activity.count'), t('funnel.share')]}
      rows={stages.map(({ key, count, of, to }) => ({ key, cells: [t(`funnel.stages.${key}`), number(count), shareText(count, of, language)], to }))}
    >
      <BarList total={data.messages} bars={stages.map((stage) => ({ ...stage, label: t(`funnel.stages.${stage.key}`) }))} />
      <p className="mt-2 text-xs text-muted">{t('funnel.note')}</p>
    </ChartCard>
  );
}
