import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/components/ui/tabs';
import { oneOf } from '@/lib/url-state';

import { Analysis } from './analysis/analysis';
import { DailyRun } from './daily-run';
import { Proposals } from './proposals';
import { Summaries } from './summaries';

const views = ['proposals', 'analysis', 'day'] as const;

/** What may be a task, what was said in a time, and a day's summary as a task. Which of them is in the address. */
export function ReviewPage() {
  const { t } = useTranslation(['review', 'common']);
  const [parameters, setParameters] = useSearchParams();
  const view = oneOf(parameters.get('view'), views) ?? 'proposals';
  return (
    <Page title={t('title')} className="p-0 sm:p-0">
      <Tabs value={view} onValueChange={(next) => setParameters(next === 'proposals' ? {} : { view: next })}>
        <TabsList aria-label={t('title')} className="sticky top-0 z-10 bg-background px-2 sm:px-4">
          {views.map((name) => (
            <TabsTrigger key={name} value={name}>
              {t(`views.${name}`)}
            </TabsTrigger>
          ))}
        </TabsList>
        <TabsContent value="proposals" className="mx-auto max-w-6xl p-4 sm:p-6">
          <WidgetBoundary>
            <Proposals />
          </WidgetBoundary>
        </TabsContent>
        <TabsContent value="analysis" className="mx-auto max-w-6xl p-4 sm:p-6">
          <WidgetBoundary>
            <Analysis />
          </WidgetBoundary>
        </TabsContent>
        <TabsContent value="day" className="mx-auto max-w-4xl space-y-4 p-4 sm:p-6">
          <WidgetBoundary>
            <DailyRun />
          </WidgetBoundary>
          <WidgetBoundary>
            <Summaries />
          </WidgetBoundary>
        </TabsContent>
      </Tabs>
    </Page>
  );
}
