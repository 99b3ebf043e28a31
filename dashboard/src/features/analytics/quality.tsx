import { useQuery } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { BarList } from '@/components/charts/bar-list';
import { ChartCard } from '@/components/charts/chart-card';
import { shareText } from '@/components/charts/share';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock, State } from '@/components/states';
import { useLanguage } from '@/components/time';
import { qualityQuery, type AIOutcome, type AIQuality, type Span } from '@/data/quality';
import { formatNumber } from '@/lib/format';

import { decisionsPath, OUTCOMES } from './decision-filter';
import { decidedOf, useQualityWords } from './quality-words';
import { Versions } from './versions';

/** What people thought of what the machine proposed, made and said. */
export function Quality(span: Span) {
  const { t } = useTranslation(['analytics', 'common']);
  const { data, error, refetch } = useQuery(qualityQuery(span));
  if (!data) {
    return <Card title={t('quality.title')}>{error ? <ErrorState error={error} retry={() => void refetch()} /> : <LoadingBlock className="min-h-56" />}</Card>;
  }
  if (data.outcomes.length === 0) {
    return (
      <Card title={t('quality.title')}>
        <State icon={Scale} title={t('quality.emptyTitle')} text={t('quality.empty')} />
      </Card>
    );
  }
  return (
    <div className="space-y-4">
      <Outcomes quality={data} />
      {data.versions.length > 1 ? <Versions quality={data} /> : null}
    </div>
  );
}

const isOfMessages = (outcome: string) => OUTCOMES.findIndex((each) => each === outcome) > OUTCOMES.indexOf('undecided');

const [RIGHT, WRONG] = ['var(--chart-1)', 'var(--chart-3)'];
/** What is neither right nor wrong has none. */
const FILLS: { [K in AIOutcome]?: string } = { accepted: RIGHT, edited: RIGHT, merged: RIGHT, rejected: WRONG, cancelled: WRONG };

function Outcomes({ quality }: { quality: AIQuality }) {
  const { t } = useTranslation('analytics');
  const language = useLanguage();
  const [parameters] = useSearchParams();
  const { outcome: word, share } = useQualityWords();
  const decided = decidedOf(quality.decided);
  const told = OUTCOMES.filter((each) => each !== 'undecided');
  const bars = told.flatMap((each) => quality.outcomes.filter(({ outcome }) => outcome === each)).map(({ outcome, reason, count }) => ({
    key: `${outcome} ${reason ?? ''}`,
    label: word(outcome, reason),
    count,
    of: isOfMessages(outcome) || !quality.precision ? 0 : decided, // no share of too few
    fill: FILLS[outcome] ?? 'var(--border-strong)',
    to: decisionsPath(parameters, { outcome, ...(reason ? { reason } : {}) }),
    ofMessages: isOfMessages(outcome),
  }));
  const [ofTasks, ofMessages] = [bars.filter((bar) => !bar.ofMessages), bars.filter((bar) => bar.ofMessages)];
  return (
    <ChartCard
      title={t('quality.title')}
      summary={
        <>
          {share(quality.decided, quality.precision, quality.least_decided)}
          {quality.undecided > 0 ? (
            <>
              {' '}
              <Link to={decisionsPath(parameters, { outcome: 'undecided' })} className="text-primary-text underline underline-offset-4">
                {t('quality.undecided', { count: quality.undecided, n: formatNumber(quality.undecided, language) })}
              </Link>
            </>
          ) : null}
        </>
      }
      columns={[t('quality.outcome'), t('quality.count'), t('quality.share')]}
      rows={bars.map(({ key, label, count, of, to }) => ({ key, cells: [label, formatNumber(count, language), shareText(count, of, language)], to }))}
    >
      <BarList wide total={decided} bars={ofTasks} />
      {ofMessages.length > 0 ? (
        <>
          <h3 className="mt-3 mb-1 text-xs font-medium text-muted">{t('quality.ofMessages')}</h3>
          <BarList wide total={0} bars={ofMessages} />
        </>
      ) : null}
      <p className="mt-2 text-xs text-muted">{t('quality.note')}</p>
    </ChartCard>
  );
}
