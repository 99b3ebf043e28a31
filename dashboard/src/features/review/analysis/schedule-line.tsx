import { useQuery } from '@tanstack/react-query';
import { CalendarClock } from 'lucide-react';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { scheduleQuery, type AnalysisPostTarget } from '@/data/analysis';
import { formatClock, formatLongDay, isoDay } from '@/lib/format';

import { PostTarget } from './post';

/** When the next run comes by itself, or how to have one. */
export function ScheduleLine() {
  const { t } = useTranslation('review');
  const language = useLanguage();
  const errorText = useErrorText();
  const { data, error } = useQuery(scheduleQuery);
  if (error) return <p className="text-xs text-danger">{errorText(error)}</p>;
  if (!data) return null;
  const next = data.next_at ? new Date(data.next_at) : null;
  return (
    <p className="flex items-start gap-2 text-xs text-pretty text-muted">
      <CalendarClock className="mt-px size-3.5 shrink-0" aria-hidden />
      {next && data.expression ? (
        <span>
          {isoDay(next) === isoDay(new Date())
            ? t('analysis.nextToday', { time: formatClock(next, language) })
            : t('analysis.next', { day: formatLongDay(next, language), time: formatClock(next, language) })}{' '}
          <code className="font-mono whitespace-nowrap">
            {data.expression} {data.time_zone}
          </code>
          <span className="block">
            <PostedTo targets={data.post_to} />
          </span>
        </span>
      ) : (
        <span>
          {t('analysis.noSchedule')} <code className="font-mono whitespace-nowrap">ANALYSIS_SCHEDULE=&quot;0 18 * * 1-5&quot;</code>
        </span>
      )}
    </p>
  );
}

/** Where the summary of the next run goes by itself, or how to have it go there. */
function PostedTo({ targets }: { targets: readonly AnalysisPostTarget[] }) {
  const { t } = useTranslation('review');
  if (targets.length === 0) {
    return (
      <>
        {t('analysis.postNowhere')} <code className="font-mono whitespace-nowrap">ANALYSIS_POST_TO=&quot;-100…&quot;</code>
      </>
    );
  }
  return (
    <>
      {t('analysis.postTo')}{' '}
      {targets.map((target, i) => (
        <Fragment key={`${target.group_id}/${target.topic_id}`}>
          {i > 0 ? ', ' : null}
          <PostTarget of={target} />
        </Fragment>
      ))}
    </>
  );
}
