import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { RefreshCw, UsersRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { WidgetBoundary } from '@/components/fault';
import { ChangeButton } from '@/components/guarded';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State, useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { hearingQuery, putWebhookConfig, settingsQuery, webhookSettingsQuery } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';

import { CauseAndFix, Notice } from '../notice';
import { AddGroup } from './add-group';
import { Discovered } from './discovered';
import { GroupsTable } from './groups-table';

/** How often the open page looks whether the bot still hears. */
const LOOK_MS = 15_000;

export function GroupsTab() {
  const { t } = useTranslation(['settings', 'common']);
  const settings = useQuery(settingsQuery);
  const webhook = useQuery(webhookSettingsQuery);
  const hearing = useQuery({ ...hearingQuery, refetchInterval: LOOK_MS });
  const undelivered = hearing.data?.groups.find(({ state }) => state === 'undelivered');
  const groups = webhook.data?.telegram?.groups;
  return (
    <div className="space-y-4">
      <Card title={t('groups.title')} actions={groups && groups.length > 0 ? <RefreshNames /> : null}>
        <div className="border-b border-border p-4">
          <AddGroup hasToken={settings.data?.telegram.bot_token !== ''} />
        </div>
        {undelivered ? (
          <Notice tone="danger" className="m-4" title={t('groups.undelivered')}>
            <CauseAndFix of={undelivered} />
          </Notice>
        ) : null}
        {hearing.error && !hearing.data && groups && groups.length > 0 ? (
          <Notice
            tone="warning"
            className="m-4"
            title={t('hearing.failed')}
            actions={
              <Button size="sm" onClick={() => void hearing.refetch()}>
                {t('common:actions.retry')}
              </Button>
            }
          />
        ) : null}
        {webhook.error && !webhook.data ? (
          <ErrorState error={webhook.error} retry={() => void webhook.refetch()} />
        ) : !webhook.data ? (
          <LoadingRows rows={4} />
        ) : groups && groups.length > 0 ? (
          <GroupsTable groups={groups} hearing={hearing.data?.groups} asked={!hearing.isFetching} />
        ) : (
          <State icon={UsersRound} title={t('groups.emptyTitle')} text={t('groups.all')} />
        )}
      </Card>
      <WidgetBoundary>
        <Discovered monitored={groups?.length ?? 0} />
      </WidgetBoundary>
    </div>
  );
}

function RefreshNames() {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const refresh = useMutation({
    mutationFn: () => unwrap(api.POST('/api/webhook-settings/telegram/groups/refresh-names')),
    onSuccess: (config) => {
      putWebhookConfig(cache, config);
      toast.success(t('groups.refreshed'));
    },
    onError: (error) => toast.error(t('groups.refreshFailed'), { description: errorText(error) }),
  });
  return (
    <ChangeButton variant="ghost" size="sm" disabled={refresh.isPending} onClick={() => refresh.mutate()}>
      <RefreshCw className={refresh.isPending ? 'animate-spin' : ''} aria-hidden />
      {t('groups.refresh')}
    </ChangeButton>
  );
}
