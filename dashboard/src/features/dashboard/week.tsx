import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, Equal } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import type { components } from '@/api/schema';
import { useLanguage } from '@/components/time';
import { activityQuery, sumBy } from '@/data/activity';
import { overviewQuery, taskFlowQuery } from '@/data/insight';
import { addDays, formatDay, formatDuration, formatNumber, formatPercent, isoDay } from '@/lib/format';
import type { Language } from '@/lib/preferences';
import { pathWith } from '@/lib/url-state';

import { FigureCard, Figures, FiguresFault } from './figure-card';
import { Sparkline } from './sparkline';

type Span = components['schemas']['OverviewSpan'];

const share = ({ issues, judged }: Span) => (judged > 0 ? issues / judged : null);

/** The last seven days with today beside the seven before: what came in, how much of it matters, what became of it. */
export function Week() {
  const { t } = useTranslation(['dashboard', 'common']);
  const language = useLanguage();
  const today = new Date();
  const [from, to] = [isoDay(addDays(today, -6)), isoDay(today)];
  const { data, error, refetch } = useQuery(overviewQuery(from, to));
  if (error && !data) return <FiguresFault error={error} title={t('week.failed')} retry={() => void refetch()} />;
  const number = (n: number) => formatNumber(n, language);
  const percent = (n: number | null) => (n === null ? t('week.none') : formatPercent(n, language));
  const duration = (n: number | null) => (n === null ? t('week.none') : formatDuration(n, language));
  return (
    <Figures label={t('week.title')} title={t('week.title')} busy={!data}>
      <Figure name={t('week.messages')} data={data} value={(span) => span.messages} text={(span) => number(span.messages)} byDay={<MessagesByDay />}>
        {(span) => <Lists lists={[[t('week.inList'), pathWith('/messages', { date_from: span.date_from, date_to: span.date_to })]]} />}
      </Figure>
      <Figure name={t('week.signal')} data={data} value={share} text={(span) => percent(share(span))}>
        {(span) => <Lists lists={[[t('week.issues', { count: span.issues, n: number(span.issues), judged: number(span.judged) }), pathWith('/messages', { classification: 'issue', date_from: span.date_from, date_to: span.date_to })]]} />}
      </Figure>
      <Figure name={t('week.tasks')} data={data} value={(span) => span.tasks_created - span.tasks_closed} text={(span) => `${number(span.tasks_created)}\u00a0:\u00a0${number(span.tasks_closed)}`} byDay={<TasksByDay from={from} to={to} />}>
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

/** Nothing where it cannot be had: the figure stands without it. */
function MessagesByDay() {
  const { t } = useTranslation('dashboard');
  const language = useLanguage();
  const { data } = useQuery(activityQuery({ kind: 'week' }));
  if (!data) return null;
  const counts = sumBy(data.hours, ({ day }) => day);
  return (
    <Sparkline
      label={t('week.byDay')}
      days={data.days.map((day) => {
        const count = counts.get(day) ?? 0;
        return { values: [count], text: t('week.day', { day: dayName(day, language), value: formatNumber(count, language) }) };
      })}
    />
  );
}

function TasksByDay({ from, to }: { from: string; to: string }) {
  const { t } = useTranslation('dashboard');
  const language = useLanguage();
  const { data } = useQuery(taskFlowQuery(from, to));
  if (!data) return null;
  return (
    <Sparkline
      label={t('week.byDay')}
      days={data.days.map(({ day, created, closed }) => ({
        values: [created, closed],
        text: t('week.day', { day: dayName(day, language), value: `${formatNumber(created, language)}\u00a0:\u00a0${formatNumber(closed, language)}` }),
      }))}
    />
  );
}

const dayName = (day: string, language: Language) => formatDay(new Date(`${day}T12:00:00`), language);

interface FigureProps {
  name: string;
  data: { current: Span; previous: Span } | undefined;
  /** By which it is more or less than before. */
  value: (span: Span) => number | null;
  text: (span: Span) => string;
  /** The same day by day, where there are counts of days. */
  byDay?: ReactNode;
  /** The lists behind the figure. */
  children: (span: Span) => ReactNode;
}

function Figure({ name, data, value, text, byDay, children }: FigureProps) {
  const { t } = useTranslation('dashboard');
  if (!data) return <FigureCard name={name}>{null}</FigureCard>;
  const [now, before] = [value(data.current), value(data.previous)];
  const Arrow = now === null || before === null ? null : now > before ? ArrowUp : now < before ? ArrowDown : Equal;
  return (
    <FigureCard name={name}>
      <span className="flex flex-wrap items-end justify-between gap-x-3">
        <span className="text-2xl font-semibold tabular-nums">{text(data.current)}</span>
        {byDay}
      </span>
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
        <Link key={to} to={to} className="inline-flex items-center text-primary-text underline-offset-4 touch-target hover:underline">
          {text}
        </Link>
      ))}
    </span>
  );
}
