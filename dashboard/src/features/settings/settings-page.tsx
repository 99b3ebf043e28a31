import { Bot, BrainCircuit, Palette, UsersRound } from 'lucide-react';
import { Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';

import { NotFound, WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { LoadingBlock } from '@/components/states';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/components/ui/tabs';
import { loadTexts } from '@/i18n/i18n';
import { part } from '@/lib/part';
import { oneOf } from '@/lib/url-state';

const tabs = ['telegram', 'groups', 'ai', 'appearance'] as const;
const icons = { telegram: Bot, groups: UsersRound, ai: BrainCircuit, appearance: Palette };
const loads = {
  telegram: async () => (await import('./telegram/telegram-tab')).TelegramTab,
  groups: async () => (await import('./groups/groups-tab')).GroupsTab,
  ai: async () => (await import('./ai/ai-tab')).AITab,
  appearance: async () => (await import('./appearance-tab')).AppearanceTab,
};
const bodies = { telegram: part(loads.telegram), groups: part(loads.groups), ai: part(loads.ai), appearance: part(loads.appearance) };

// What the tab that is asked for needs comes beside its page; where it does not, it is asked for again when it is shown.
const asked = oneOf(location.pathname.split('/')[2] ?? '', tabs) ?? 'telegram';
loads[asked]().catch(() => undefined);
if (asked === 'telegram' || asked === 'groups') void loadTexts(['hearing']);

export function SettingsPage() {
  const { t } = useTranslation(['settings', 'common']);
  const { tab = 'telegram' } = useParams();
  const navigate = useNavigate();
  const current = oneOf(tab, tabs);
  if (!current) return <NotFound />;
  return (
    <Page title={t('title')} className="p-0 sm:p-0">
      <Tabs value={current} onValueChange={(next) => void navigate(`/settings/${next}`)}>
        <TabsList aria-label={t('title')} className="sticky top-0 z-10 bg-background px-2 sm:px-4">
          {tabs.map((name) => {
            const Icon = icons[name];
            return (
              <TabsTrigger key={name} value={name}>
                <Icon className="size-4 max-sm:hidden" aria-hidden />
                {t(`tabs.${name}`)}
              </TabsTrigger>
            );
          })}
        </TabsList>
        {tabs.map((name) => {
          const Body = bodies[name];
          return (
            <TabsContent key={name} value={name} className="mx-auto max-w-6xl p-4 sm:p-6">
              <WidgetBoundary>
                <Suspense fallback={<LoadingBlock />}>
                  <Body />
                </Suspense>
              </WidgetBoundary>
            </TabsContent>
          );
        })}
      </Tabs>
    </Page>
  );
}
