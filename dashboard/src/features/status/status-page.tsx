import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Pause, Play, RefreshCw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { RelativeTime } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { aiProvidersQuery, cannotJudge } from '@/data/ai';
import { deadLetterKindsQuery, healthQuery, sumOfKinds } from '@/data/operations';
import { hearingQuery, troubles } from '@/data/telegram';
import { keys } from '@/lib/query-keys';
import { useShortcuts } from '@/lib/shortcuts';
import { useLiveState } from '@/live/live';

import { Components } from './components-card';
import { ConnectionCard } from './connection-card';
import { DeadLetters } from './dead-letters';
import { Headline } from './headline';
import { PipelineCard } from './pipeline-card';
import { SourcesCard } from './sources-card';

/** Health has no event: it is asked for while this page is shown. */
const EVERY_MS = 15_000;

export function StatusPage() {
  const { t } = useTranslation(['status', 'common']);
  const cache = useQueryClient();
  const [paused, setPaused] = useState(false);
  const health = useQuery({ ...healthQuery, refetchInterval: paused ? false : EVERY_MS });
  const kinds = useQuery({ ...deadLetterKindsQuery, refetchInterval: paused ? false : EVERY_MS });
  const hearing = useQuery(hearingQuery);
  const providers = useQuery({ ...aiProvidersQuery, refetchInterval: paused ? false : EVERY_MS });
  const judge = providers.data?.find(({ active }) => active);
  const live = useLiveState();
  const refresh = () => {
    void cache.invalidateQueries({ queryKey: keys.health });
    void cache.invalidateQueries({ queryKey: keys.deadLetters.all });
    void cache.invalidateQueries({ queryKey: keys.pipeline });
    void cache.invalidateQueries({ queryKey: hearingQuery.queryKey });
    void cache.invalidateQueries({ queryKey: aiProvidersQuery.queryKey });
  };
  useShortcuts(t('title'), [
    { keys: 'r', label: t('refresh'), run: refresh },
    { keys: 'p', label: paused ? t('resume') : t('pause'), run: () => setPaused(!paused) },
  ]);
  const failed = sumOfKinds(kinds.data);
  // A lost connection may mean that nothing works any more: what is said of the server is not to be from before.
  const phase = useRef(live.phase);
  useEffect(() => {
    if (phase.current === live.phase) return;
    phase.current = live.phase;
    void cache.invalidateQueries({ queryKey: keys.health });
  }, [cache, live.phase]);
  // Letters that came since the list was read.
  useEffect(() => {
    void cache.invalidateQueries({ queryKey: [...keys.deadLetters.all, 'list'] });
  }, [cache, failed]);
  return (
    <Page
      title={t('title')}
      actions={
        <>
          {health.data ? (
            <span className="text-xs text-muted max-sm:hidden">
              {t('asked')} <RelativeTime at={new Date(health.dataUpdatedAt).toISOString()} focusable />
            </span>
          ) : null}
          <Tooltip label={paused ? t('resume') : t('pause')} keys="p">
            <Button variant="ghost" size="icon" aria-label={paused ? t('resume') : t('pause')} aria-pressed={paused} onClick={() => setPaused(!paused)}>
              {paused ? <Play aria-hidden /> : <Pause aria-hidden />}
            </Button>
          </Tooltip>
          <Tooltip label={t('refresh')} keys="r">
            <Button variant="ghost" size="icon" aria-label={t('refresh')} onClick={refresh}>
              <RefreshCw className={health.isFetching ? 'animate-spin' : ''} aria-hidden />
            </Button>
          </Tooltip>
        </>
      }
    >
      <div className="mx-auto max-w-6xl space-y-4">
        <Headline health={health.error ? null : health.data} judgeDown={providers.isPending ? undefined : judge !== undefined && cannotJudge(judge)} phase={live.phase} sources={hearing.data ? troubles(hearing.data).count : hearing.error ? null : undefined} noBot={hearing.data?.bot.state === 'no_token'} failed={failed ?? null} />
        <WidgetBoundary>
          <PipelineCard health={health.data} paused={paused} />
        </WidgetBoundary>
        <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
          <div className="min-w-0 space-y-4">
            <WidgetBoundary>
              <Components health={health.data} judge={judge} error={health.error} retry={() => void health.refetch()} />
            </WidgetBoundary>
            <WidgetBoundary>
              <SourcesCard />
            </WidgetBoundary>
          </div>
          <WidgetBoundary>
            <ConnectionCard />
          </WidgetBoundary>
        </div>
        <WidgetBoundary>
          <DeadLetters />
        </WidgetBoundary>
      </div>
    </Page>
  );
}
