import { Bot, BrainCircuit, Palette, UsersRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNavigate, useParams } from 'react-router';

import { NotFound, WidgetBoundary } from '@/components/fault';
import { Page } from '@/components/page';
import { Tabs, TabsContent, TabsList, TabsTrigger } from '@/components/ui/tabs';
import { oneOf } from '@/lib/url-state';

import { AITab } from './ai/ai-tab';
import { AppearanceTab } from './appearance-tab';
import { GroupsTab } from './groups/groups-tab';
import { TelegramTab } from './telegram/telegram-tab';

const tabs = ['telegram', 'groups', 'ai', 'appearance'] as const;
const icons = { telegram: Bot, groups: UsersRound, ai: BrainCircuit, appearance: Palette };
const bodies = { telegram: TelegramTab, groups: GroupsTab, ai: AITab, appearance: AppearanceTab };

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
                <Icon className="size-4" aria-hidden />
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
                <Body />
              </WidgetBoundary>
            </TabsContent>
          );
        })}
      </Tabs>
    </Page>
  );
}
