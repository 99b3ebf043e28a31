import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Ear, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { ChangeButton } from '@/components/guarded';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State, useErrorText } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { discoveredQuery, putWebhookConfig, type DiscoveredChat } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';

/** Chats that the bot hears and that are not monitored, each to be added with one click. */
export function Discovered({ monitored }: { monitored: number }) {
  const { t } = useTranslation(['settings', 'common']);
  const chats = useQuery(discoveredQuery);
  return (
    <Card title={monitored > 0 ? t('discovered.title') : t('discovered.titleAll')}>
      {monitored === 0 && chats.data && chats.data.length > 0 ? <p className="border-b border-border px-4 py-2 text-sm text-pretty text-muted">{t('discovered.all')}</p> : null}
      {chats.error && !chats.data ? (
        <ErrorState error={chats.error} retry={() => void chats.refetch()} />
      ) : !chats.data ? (
        <LoadingRows rows={3} />
      ) : chats.data.length === 0 ? (
        <State icon={Ear} title={t('discovered.emptyTitle')} text={monitored > 0 ? t('discovered.empty') : t('discovered.emptyAll')} />
      ) : (
        <ul className="divide-y divide-border">
          {chats.data.map((chat) => (
            <Chat key={chat.id} chat={chat} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Chat({ chat }: { chat: DiscoveredChat }) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const name = chat.name ?? String(chat.id);
  const add = useMutation({
    mutationFn: () => unwrap(api.POST('/api/webhook-settings/telegram/groups', { body: { group_id: chat.id } })),
    onSuccess: (config) => {
      cache.setQueryData(discoveredQuery.queryKey, (chats) => chats?.filter(({ id }) => id !== chat.id));
      putWebhookConfig(cache, config);
      toast.success(t('groups.added', { name }));
    },
    onError: (error) => toast.error(t('discovered.failed', { name }), { description: errorText(error) }),
  });
  return (
    <li className="flex items-center gap-3 px-4 py-2 text-sm">
      <span className="min-w-0 flex-1">
        <bdi className="block truncate font-medium">{name}</bdi>
        <span className="block text-xs text-muted">
          <span className="tabular-nums">{chat.id}</span> · {t('discovered.seen', { count: chat.messages_seen })} · <RelativeTime at={chat.last_seen} />
        </span>
      </span>
      <ChangeButton size="sm" disabled={add.isPending} onClick={() => add.mutate()} aria-label={t('discovered.add', { name })}>
        <Plus aria-hidden />
        {t('groups.add')}
      </ChangeButton>
    </li>
  );
}
