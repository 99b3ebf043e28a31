import { useTranslation } from 'react-i18next';

import { WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { activityLive } from '@/data/activity';
import { useLiveHandlers } from '@/live/live';

import { MessageAnalytics } from './message-analytics';
import { TaskAnalytics } from './task-analytics';

export function AnalyticsPage() {
  const { t } = useTranslation(['analytics', 'common']);
  useLiveHandlers(activityLive);
  return (
    <Page title={t('title')}>
      <div className="mx-auto max-w-6xl space-y-8">
        <WidgetBoundary>
          <TaskAnalytics />
        </WidgetBoundary>
        <WidgetBoundary>
          <MessageAnalytics />
        </WidgetBoundary>
      </div>
    </Page>
  );
}
