import { useTranslation } from 'react-i18next';

import { WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';

import { DailyRun } from './daily-run';
import { Proposals } from './proposals';
import { Summaries } from './summaries';

export function ReviewPage() {
  const { t } = useTranslation(['review', 'common']);
  return (
    <Page title={t('title')}>
      <div className="mx-auto max-w-4xl space-y-4">
        <WidgetBoundary>
          <Proposals />
        </WidgetBoundary>
        <WidgetBoundary>
          <DailyRun />
        </WidgetBoundary>
        <WidgetBoundary>
          <Summaries />
        </WidgetBoundary>
      </div>
    </Page>
  );
}
