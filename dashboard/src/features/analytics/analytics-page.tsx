import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { activityLive } from '@/data/activity';
import { qualityLive } from '@/data/quality';
import { useLiveHandlers } from '@/live/live';

import { Decisions } from './decisions';
import { MessageAnalytics } from './message-analytics';
import { TaskAnalytics } from './task-analytics';

/** The figures; or, where the address asks for it, the decisions behind one of them. */
export function AnalyticsPage() {
  const { t } = useTranslation(['analytics', 'common']);
  const [parameters] = useSearchParams();
  useLiveHandlers(activityLive);
  useLiveHandlers(qualityLive);
  return (
    <Page title={t('title')}>
      {parameters.has('decisions') ? (
        <WidgetBoundary>
          <Decisions />
        </WidgetBoundary>
      ) : (
        <div className="mx-auto max-w-6xl space-y-8">
          <WidgetBoundary>
            <TaskAnalytics />
          </WidgetBoundary>
          <WidgetBoundary>
            <MessageAnalytics />
          </WidgetBoundary>
        </div>
      )}
    </Page>
  );
}
