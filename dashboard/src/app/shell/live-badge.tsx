import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { cn } from '@/lib/cn';
import { formatClock } from '@/lib/format';
import { useLive, useLiveState } from '@/live/live';
import type { LivePhase } from '@/live/socket';

const dots: Record<LivePhase, string> = {
  connecting: 'bg-muted',
  live: 'bg-success',
  'catching-up': 'bg-info animate-pulse',
  reconnecting: 'bg-warning animate-pulse',
  offline: 'bg-danger',
};

const names = { connecting: 'connecting', live: 'live', 'catching-up': 'catchingUp', reconnecting: 'reconnecting', offline: 'offline' } as const;

/** What the connection is, in a word, and since when it is gone. A live region: the word changes rarely. */
export function LiveBadge() {
  const { t } = useTranslation();
  const language = useLanguage();
  const { phase, since } = useLiveState();
  const name = names[phase];
  const time = since ? formatClock(new Date(since), language) : '';
  const explanation = name === 'catchingUp' || name === 'live' ? (name === 'live' ? t('live.explain.live') : t('live.explain.catchingUp')) : t(`live.explain.${name}`, { time });
  return (
    <Tooltip label={explanation}>
      <span role="status" tabIndex={0} data-phase={phase} className="inline-flex h-7 items-center gap-2 rounded-full px-2.5 text-xs font-medium ring-1 ring-border ring-inset">
        <span className={cn('size-2 rounded-full', dots[phase])} aria-hidden />
        {t(`live.${name}`)}
        {since && phase !== 'connecting' ? <span className="font-normal text-muted max-sm:hidden">{t('live.since', { time })}</span> : null}
      </span>
    </Tooltip>
  );
}

/** Under the top bar while there is no connection. */
export function ConnectionStrip() {
  const { t } = useTranslation();
  const language = useLanguage();
  const live = useLive();
  const { phase, since } = useLiveState();
  if ((phase !== 'reconnecting' && phase !== 'offline') || !since) return null;
  const time = formatClock(new Date(since), language);
  return (
    <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-border bg-warning-soft px-4 py-1.5 text-xs text-warning">
      <span className="min-w-0 flex-1">{phase === 'offline' ? t('live.offlineLost', { time }) : t('live.lost', { time })}</span>
      <Button size="sm" onClick={live.retryNow}>
        {t('live.tryNow')}
      </Button>
    </div>
  );
}
