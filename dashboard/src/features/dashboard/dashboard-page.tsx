import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';

import { WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { activityLive } from '@/data/activity';
import { feedsOf, messageFiltersQuery } from '@/data/messages/queries';
import { useLiveHandlers } from '@/live/live';

import { ActivityCard } from './activity-card';
import { everything, LatestMessages } from './latest-messages';
import { LatestTasks } from './latest-tasks';
import { NeedsYou } from './needs-you';
import { Setup } from './setup';
import { Totals } from './totals';
import { Week } from './week';

/** For a visit of five minutes: what needs somebody, where things stand, what just happened. */
export function DashboardPage() {
  const { t } = useTranslation(['dashboard', 'common']);
  const cache = useQueryClient();
  const feed = feedsOf(cache).get(everything);
  // Only this is watched here: a busy group must not draw the whole page anew with each message.
  const noMessages = useSyncExternalStore(feed.subscribe, () => feed.state().status === 'ready' && feed.state().keys.length === 0);
  const filters = useQuery(messageFiltersQuery);
  useLiveHandlers(activityLive);
  useEffect(() => feed.follow(true), [feed]);
  // Nothing was ever heard: what is to be set up instead of empty charts. It goes with the first message.
  const nothingYet = noMessages && filters.data?.total_messages === 0;
  return (
    <Page title={t('title')}>
      <div className="mx-auto max-w-7xl space-y-4">
        {nothingYet ? (
          <WidgetBoundary>
            <Setup />
          </WidgetBoundary>
        ) : null}
        <WidgetBoundary>
          <NeedsYou />
        </WidgetBoundary>
        {nothingYet ? null : (
          <WidgetBoundary>
            <Week />
          </WidgetBoundary>
        )}
        <WidgetBoundary>
          <Totals />
        </WidgetBoundary>
        {nothingYet ? null : (
          <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
            <WidgetBoundary>
              <LatestMessages />
            </WidgetBoundary>
            <div className="min-w-0 space-y-4">
              <WidgetBoundary>
                <ActivityCard />
              </WidgetBoundary>
              <WidgetBoundary>
                <LatestTasks />
              </WidgetBoundary>
            </div>
          </div>
        )}
      </div>
    </Page>
  );
}
