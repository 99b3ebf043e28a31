import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { LoadingBlock } from '@/components/states';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/components/ui/tabs';
import { part } from '@/lib/part';
import { oneOf } from '@/lib/url-state';

import { Proposals } from './proposals';

const Analysis = part(async () => (await import('./analysis/analysis')).Analysis);
const DailyRun = part(async () => (await import('./daily-run')).DailyRun);
const Summaries = part(async () => (await import('./summaries')).Summaries);

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
            <Suspense fallback={<LoadingBlock />}>
              <Analysis />
            </Suspense>
          </WidgetBoundary>
        </TabsContent>
        <TabsContent value="day" className="mx-auto max-w-4xl space-y-4 p-4 sm:p-6">
          <WidgetBoundary>
            <Suspense fallback={<LoadingBlock />}>
              <DailyRun />
            </Suspense>
          </WidgetBoundary>
          <WidgetBoundary>
            <Suspense fallback={<LoadingBlock />}>
              <Summaries />
            </Suspense>
          </WidgetBoundary>
        </TabsContent>
      </Tabs>
    </Page>
  );
}
