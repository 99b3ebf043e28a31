import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Equal } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import type { components } from '@/api/schema';
import { useLanguage } from '@/components/time';
import { overviewQuery } from '@/data/insight';
import { addDays, formatDuration, formatNumber, formatPercent, isoDay } from '@/lib/format';
import { pathWith } from '@/lib/url-state';

import { FigureCard, Figures, FiguresFault } from './figure-card';

type Span = components['schemas']['OverviewSpan'];

const share = ({ issues, judged }: Span) => (judged > 0 ? issues / judged : null);

/** The last seven days with today beside the seven before: what came in, how much of it matters, what became of it. */
export function Week() {
  const { t } = useTranslation(['dashboard', 'common']);
  const language = useLanguage();
  const today = new Date();
  const { data, error, refetch } = useQuery(overviewQuery(isoDay(addDays(today, -6)), isoDay(today)));
  if (error && !data) return <FiguresFault error={error} title={t('week.failed')} retry={() => void refetch()} />;
  const number = (n: number) => formatNumber(n, language);
  const percent = (n: number | null) => (n === null ? t('week.none') : formatPercent(n, language));
  const duration = (n: number | null) => (n === null ? t('week.none') : formatDuration(n, language));
  return (
    <Figures label={t('week.title')} title={t('week.title')} busy={!data}>
      <Figure name={t('week.messages')} data={data} value={(span) => span.messages} text={(span) => number(span.messages)}>
        {(span) => <Lists lists={[[t('week.inList'), pathWith('/messages', { date_from: span.date_from, date_to: span.date_to })]]} />}
      </Figure>
      <Figure name={t('week.signal')} data={data} value={share} text={(span) => percent(share(span))}>
        {(span) => <Lists lists={[[t('week.issues', { count: span.issues, n: number(span.issues), judged: number(span.judged) }), pathWith('/messages', { classification: 'issue', date_from: span.date_from, date_to: span.date_to })]]} />}
      </Figure>
      <Figure name={t('week.tasks')} data={data} value={(span) => span.tasks_created - span.tasks_closed} text={(span) => `${number(span.tasks_created)}\u00a0:\u00a0${number(span.tasks_closed)}`}>
        {(span) => (
          <Lists
            lists={[
              [t('week.created', { count: span.tasks_created, n: number(span.tasks_created) }), pathWith('/tasks', { created_from: span.date_from, created_to: span.date_to })],
              [t('week.closed', { count: span.tasks_closed, n: number(span.tasks_closed) }), pathWith('/tasks', { closed_from: span.date_from, closed_to: span.date_to })],
            ]}
          />
        )}
      </Figure>
      <Figure name={t('week.toTask')} data={data} value={(span) => span.median_seconds_to_task} text={(span) => duration(span.median_seconds_to_task)}>
        {(span) => <Lists lists={[[t('week.ofTasks', { count: span.tasks_created, n: number(span.tasks_of_messages), all: number(span.tasks_created) }), pathWith('/tasks', { created_from: span.date_from, created_to: span.date_to })]]} />}
      </Figure>
    </Figures>
  );
}

interface FigureProps {
  name: string;
  data: { current: Span; previous: Span } | undefined;
  /** By which it is more or less than before. */
  value: (span: Span) => number | null;
  text: (span: Span) => string;
  /** The lists behind the figure. */
  children: (span: Span) => ReactNode;
}

function Figure({ name, data, value, text, children }: FigureProps) {
  const { t } = useTranslation('dashboard');
  if (!data) return <FigureCard name={name}>{null}</FigureCard>;
  const [now, before] = [value(data.current), value(data.previous)];
  const Arrow = now === null || before === null ? null : now > before ? ArrowUp : now < before ? ArrowDown : Equal;
  return (
    <FigureCard name={name}>
      <span className="text-2xl font-semibold tabular-nums">{text(data.current)}</span>
      {children(data.current)}
      <span className="mt-auto inline-flex items-center gap-1 pt-1 text-xs text-muted">
        {Arrow ? <Arrow className="size-3.5 shrink-0" aria-hidden /> : null}
        {t('week.before', { value: text(data.previous) })}
      </span>
    </FigureCard>
  );
}

function Lists({ lists }: { lists: readonly (readonly [string, string])[] }) {
  return (
    <span className="flex flex-wrap gap-x-3 text-xs">
      {lists.map(([text, to]) => (
        <Link key={to} to={to} className="text-primary-text underline-offset-4 touch-target hover:underline">
          {text}
        </Link>
      ))}
    </span>
  );
}
