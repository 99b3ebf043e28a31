import { useInfiniteQuery } from '@tanstack/react-query';
import { NotebookText } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { LoadMore } from '@/components/load-more';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { Badge, type Tone } from '@/components/ui/badge';
import { runsQuery, type AnalysisRun } from '@/data/analysis';
import { cn } from '@/lib/cn';

import { spanText } from './span';

const tones: Record<AnalysisRun['status'], Tone> = { queued: 'neutral', running: 'primary', completed: 'success', failed: 'danger', cancelled: 'neutral' };

function RunStatus({ run }: { run: AnalysisRun }) {
  const { t } = useTranslation('review');
  return <Badge tone={tones[run.status]}>{run.status === 'running' ? `${t('analysis.status.running')} ${run.progress || ''}`.trim() : run.status === 'completed' && !run.summary ? t('analysis.status.nothing') : t(`analysis.status.${run.status}`)}</Badge>;
}

interface Props {
  chosen: number | undefined;
  to: (id: number) => string;
}

/** All runs, newest first; the chosen one is shown beside. */
export function RunList({ chosen, to }: Props) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const query = useInfiniteQuery(runsQuery);
  const runs = query.data?.pages.flatMap(({ items }) => items);
  return (
    <Card title={t('analysis.runs')}>
      {runs ? (
        runs.length === 0 ? (
          <State icon={NotebookText} title={t('analysis.noRunsTitle')} text={t('analysis.noRuns')} />
        ) : (
          <ul aria-label={t('analysis.runs')}>
            {runs.map((run) => (
              <li key={run.id} className="border-b border-border last:border-0">
                <Link
                  to={to(run.id)}
                  preventScrollReset
                  aria-current={run.id === chosen ? 'true' : undefined}
                  className={cn('flex min-h-11 flex-wrap items-center gap-x-2 gap-y-0.5 px-4 py-2 text-sm hover:bg-hover focus-visible:-outline-offset-2', run.id === chosen && 'bg-selected')}
                >
                  <span className="min-w-0 grow font-medium">{spanText(run, language)}</span>
                  <RunStatus run={run} />
                  <span className="w-full text-xs text-muted">
                    #{run.id} · {t(`analysis.by.${run.requested_by}`)} · {run.chats ? t('analysis.groupCount', { count: run.chats.length }) : t('analysis.allGroups')} · <RelativeTime at={run.created_at} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={4} />
      )}
      <LoadMore query={query} />
    </Card>
  );
}
