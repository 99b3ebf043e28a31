import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Card } from '@/components/page';
import { ErrorState, LoadingRows } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { pipelineQuery, type Health, type Pipeline } from '@/data/operations';
import { hearingQuery } from '@/data/telegram';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { useLive } from '@/live/live';

import { isWorking } from './component-names';
import { rateOf, waitingOf, type Rates } from './rates';

const EVERY_MS = 5_000;

/** The way of a message, each station with what was measured there. What was not measured says "no data". */
export function PipelineCard({ health, paused }: { health: Health | undefined; paused: boolean }) {
  const { t } = useTranslation(['status', 'common']);
  const query = useQuery({ ...pipelineQuery, refetchInterval: paused ? false : EVERY_MS });
  const rates = useRates(query.data);
  return (
    <Card
      title={t('pipeline.title')}
      actions={
        query.data && query.isError ? (
          <span className="text-xs text-warning">
            {t('pipeline.known')} <RelativeTime at={query.data.measured_at} focusable />
          </span>
        ) : null
      }
    >
      {query.data ? (
        <Stations pipeline={query.data} rates={rates} health={health} />
      ) : query.error ? (
        <ErrorState error={query.error} title={t('pipeline.failed')} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={2} />
      )}
    </Card>
  );
}

/** Messages a second between the last two measurements; null before there are two. */
function useRates(now: Pipeline | undefined): Rates | null {
  const [pair, setPair] = useState<{ last: Pipeline; before: Pipeline | null } | null>(null);
  useEffect(() => {
    if (now) setPair((known) => (known?.last === now ? known : { last: now, before: known?.last ?? null }));
  }, [now]);
  return pair?.before ? rateOf(pair.before, pair.last) : null;
}

interface Line {
  name: string;
  value: ReactNode;
  /** It waits, which it should not do for long. */
  waits?: boolean;
}

function Stations({ pipeline, rates, health }: { pipeline: Pipeline; rates: Rates | null; health: Health | undefined }) {
  const { t } = useTranslation(['status', 'common']);
  const language = useLanguage();
  const live = useLive();
  const { data: hearing } = useQuery(hearingQuery);
  const none = t('noData');
  const number = (n: number | null | undefined) => (n === null || n === undefined ? none : formatNumber(n, language));
  const moment = (at: string | null | undefined) => (at ? <RelativeTime at={at} focusable /> : none);
  const rate = (n: number | undefined) => (n === undefined ? none : t('pipeline.perSecond', { n: formatNumber(Math.round(n * 10) / 10, language) }));
  const stream = (name: Pipeline['streams'][number]['name']) => pipeline.streams.find((each) => each.name === name);
  const inbound = stream('INBOUND');
  const jobs = stream('JOBS');
  const events = stream('EVENTS');
  const work = waitingOf([inbound, jobs]);
  const database = health?.components.database;
  const { lastEventAt } = live.figures();
  const webhook = hearing && hearing.bot.state !== 'no_token' ? hearing.webhook : null;

  const stations: { key: 'telegram' | 'ingest' | 'queue' | 'worker' | 'database' | 'events'; lines: Line[] }[] = [
    {
      key: 'telegram',
      lines: [
        { name: t('pipeline.waiting'), value: number(webhook?.pending_update_count), waits: (webhook?.pending_update_count ?? 0) > 0 },
        { name: t('pipeline.last'), value: moment(webhook?.last_update_at) },
        ...(webhook?.last_error_message && !webhook.last_error_is_past ? [{ name: t('pipeline.error'), value: <span lang="en">{webhook.last_error_message}</span>, waits: true }] : []),
      ],
    },
    {
      key: 'ingest',
      lines: [
        { name: t('pipeline.rate'), value: rate(rates?.INBOUND) },
        { name: t('pipeline.passed'), value: number(inbound?.passed) },
        { name: t('pipeline.last'), value: moment(inbound?.newest_at) },
      ],
    },
    {
      key: 'queue',
      lines: [
        { name: t('pipeline.held'), value: number(inbound?.held), waits: (inbound?.held ?? 0) > 0 },
        { name: t('pipeline.oldest'), value: inbound?.held === 0 ? t('pipeline.nothing') : moment(inbound?.oldest_at) },
      ],
    },
    {
      key: 'worker',
      lines: [
        { name: t('pipeline.waiting'), value: number(work?.waiting), waits: (work?.waiting ?? 0) > 0 },
        { name: t('pipeline.inHand'), value: number(work?.inHand) },
        { name: t('pipeline.redelivered'), value: number(work?.redelivered), waits: (work?.redelivered ?? 0) > 0 },
      ],
    },
    {
      key: 'database',
      lines: [
        { name: t('pipeline.state'), value: database === undefined ? none : isWorking(database) ? t('parts.working') : t('parts.down'), waits: database !== undefined && !isWorking(database) },
        { name: t('pipeline.outbox'), value: number(pipeline.outbox?.waiting), waits: (pipeline.outbox?.waiting ?? 0) > 0 },
      ],
    },
    {
      key: 'events',
      lines: [
        { name: t('pipeline.rate'), value: rate(rates?.EVENTS) },
        { name: t('pipeline.sent'), value: moment(events?.newest_at) },
        { name: t('pipeline.here'), value: moment(lastEventAt === null ? null : new Date(lastEventAt).toISOString()) },
      ],
    },
  ];
  return (
    <ol className="grid grid-cols-1 divide-border max-sm:divide-y sm:grid-cols-3 xl:grid-cols-6">
      {stations.map(({ key, lines }, i) => (
        <li key={key} className="relative min-w-0 border-border p-4 sm:not-first:border-l sm:max-xl:nth-4:border-l-0 sm:max-xl:nth-[n+4]:border-t">
          <h3 className="mb-2 flex items-center gap-2 text-xs font-semibold">
            <span aria-hidden className="flex size-5 items-center justify-center rounded-full bg-sunken text-2xs text-muted tabular-nums">
              {i + 1}
            </span>
            {t(`pipeline.stations.${key}`)}
          </h3>
          <dl className="space-y-1 text-xs">
            {lines.map(({ name, value, waits }) => (
              <div key={name} className="flex flex-wrap items-baseline justify-between gap-x-2">
                <dt className="text-muted">{name}</dt>
                <dd className={cn('min-w-0 font-medium break-words tabular-nums', waits && 'text-warning')}>{value}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ol>
  );
}
