import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RotateCcw } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Notice } from '@/components/notice';
import { ErrorState, LoadingRows, useErrorText } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { aiProvidersQuery, aiSettingsQuery, type AISettings } from '@/data/ai';
import { api, unwrap } from '@/lib/api';
import { keys } from '@/lib/query-keys';

import { LearntCard } from './learnt-card';
import { ProvidersCard } from './providers-card';
import { AutonomySection, BudgetSection, JudgeSection, PrivacySection, ThresholdSection } from './sections';
import { ServerSection } from './server-section';
import { TestCard } from './test-card';

/** Who judges messages, by what, within which bounds, and how that goes. */
export function AITab() {
  const query = useQuery(aiSettingsQuery);
  const providers = useQuery(aiProvidersQuery);
  const settings = query.data;
  if (!settings) return query.error ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <LoadingRows rows={8} />;
  return (
    <div className="grid items-start gap-4 xl:grid-cols-2">
      <div className="xl:col-span-2">
        <Source settings={settings} />
      </div>
      <div className="min-w-0 space-y-4">
        <JudgeSection settings={settings} />
        <AutonomySection settings={settings} />
        <ServerSection settings={settings} />
        <ThresholdSection settings={settings} />
      </div>
      <div className="min-w-0 space-y-4">
        <ProvidersCard />
        <LearntCard />
        <TestCard providers={providers.data ?? []} />
        <PrivacySection settings={settings} />
        <BudgetSection settings={settings} />
      </div>
    </div>
  );
}

/** Whose settings these are, and the way back to those of the environment. */
function Source({ settings }: { settings: AISettings }) {
  const { t } = useTranslation('settings');
  const errorText = useErrorText();
  const cache = useQueryClient();
  const reset = useMutation({
    mutationFn: () => unwrap(api.DELETE('/api/ai/settings')),
    onSuccess: (answer) => {
      cache.setQueryData(aiSettingsQuery.queryKey, answer);
      void cache.invalidateQueries({ queryKey: keys.settings });
    },
  });
  if (settings.source === 'environment') return <p className="text-sm text-pretty text-muted">{t('ai.source.environment')}</p>;
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-3">
        <p className="min-w-0 grow text-sm text-pretty text-muted">
          {t('ai.source.stored')} {settings.updated_at ? <RelativeTime at={settings.updated_at} focusable /> : null}
        </p>
        <ChangeButton disabled={reset.isPending} title={t('ai.source.resetHint')} onClick={() => reset.mutate()}>
          <RotateCcw aria-hidden />
          {t('ai.source.reset')}
        </ChangeButton>
      </div>
      {reset.error ? (
        <Notice tone="danger" announce title={t('ai.notSaved')}>
          {errorText(reset.error)}
        </Notice>
      ) : null}
    </div>
  );
}
