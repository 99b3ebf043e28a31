import { useEffect, useReducer, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Card } from '@/components/page';
import { RelativeTime, useLanguage } from '@/components/time';
import { formatNumber } from '@/lib/format';
import { useLive, useLiveState } from '@/live/live';
import type { LivePhase } from '@/live/socket';

const names = { connecting: 'connecting', live: 'live', 'catching-up': 'catchingUp', reconnecting: 'reconnecting', offline: 'offline' } as const satisfies Record<LivePhase, string>;

/** What this page's own connection has been through since the page was opened. */
export function ConnectionCard() {
  const { t } = useTranslation(['status', 'common']);
  const language = useLanguage();
  const live = useLive();
  const { phase, since } = useLiveState();
  const [, tick] = useReducer((n: number) => n + 1, 0);
  useEffect(() => {
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, []);
  const { seq, events, lastEventAt, connectedAt, losses, recovered, resyncs } = live.figures();
  const number = (n: number) => formatNumber(n, language);
  const moment = (at: number | null) => (at === null ? t('noData') : <RelativeTime at={new Date(at).toISOString()} focusable />);
  return (
    <Card title={t('connection.title')}>
      <dl className="divide-y divide-border">
        <Figure name={t('connection.state')}>{t(`common:live.${names[phase]}`)}</Figure>
        {connectedAt !== null ? <Figure name={t('connection.connected')}>{moment(connectedAt)}</Figure> : <Figure name={t('connection.lost')}>{moment(since)}</Figure>}
        <Figure name={t('connection.seq')} note={t('connection.seqNote')}>{seq === null ? t('noData') : number(seq)}</Figure>
        <Figure name={t('connection.events')}>{number(events)}</Figure>
        <Figure name={t('connection.lastEvent')}>{moment(lastEventAt)}</Figure>
        <Figure name={t('connection.losses')}>{number(losses)}</Figure>
        <Figure name={t('connection.recovered')} note={t('connection.recoveredNote')}>{number(recovered)}</Figure>
        <Figure name={t('connection.resyncs')} note={t('connection.resyncsNote')}>{number(resyncs)}</Figure>
      </dl>
    </Card>
  );
}

function Figure({ name, note, children }: { name: string; note?: string; children: ReactNode }) {
  return (
    <div className="flex items-baseline gap-4 px-4 py-2 text-sm">
      <dt className="min-w-0 flex-1">
        {name}
        {note ? <span className="block text-xs text-pretty text-muted">{note}</span> : null}
      </dt>
      <dd className="text-right font-medium tabular-nums">{children}</dd>
    </div>
  );
}
