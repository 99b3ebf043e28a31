import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Hash } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { ErrorState, useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { Skeleton } from '@/components/ui/skeleton';
import { Tooltip } from '@/components/ui/tooltip';
import { putWebhookConfig, topicsQuery, type TelegramTopic, type TelegramWebhookConfig } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';
import { toast } from '@/lib/toast';
import { useCanChange } from '@/live/live';

type Group = TelegramWebhookConfig['groups'][number];

/** Telegram's number of the topic General. */
const GENERAL = '1';

/** Which topics of a forum are listened to. Only supergroups, whose ids begin so, can be forums. */
export function GroupTopics({ group, name }: { group: Group; name: string }) {
  const { t } = useTranslation('settings');
  if (!String(group.id).startsWith('-100')) return null;
  return (
    <Popover>
      <Tooltip label={t('groups.topics.open', { name })}>
        <PopoverTrigger asChild>
          <Button variant="ghost" size="icon-sm" aria-label={t('groups.topics.open', { name })}>
            <Hash aria-hidden />
          </Button>
        </PopoverTrigger>
      </Tooltip>
      <PopoverContent align="end" aria-label={t('groups.topics.open', { name })} className="w-72">
        <Topics group={group} />
      </PopoverContent>
    </Popover>
  );
}

function Topics({ group }: { group: Group }) {
  const { t } = useTranslation('settings');
  const canChange = useCanChange();
  const query = useQuery(topicsQuery(group.id));
  const change = useIgnoreTopics(group);
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (query.isPending) return <Skeleton className="h-24" />;
  if (query.data.length === 0) return <p className="p-2 text-sm text-pretty text-muted">{t('groups.topics.none')}</p>;
  const toggle = (topic: TelegramTopic, listened: boolean) => {
    const ignored = query.data.filter((each) => (each.id === topic.id ? !listened : each.ignored)).map(({ id }) => id);
    change.mutate(ignored);
  };
  return (
    <fieldset className="space-y-1 p-1" disabled={!canChange || change.isPending}>
      <legend className="mb-1 text-xs font-semibold text-muted">{t('groups.topics.title')}</legend>
      {query.data.map((topic) => (
        <label key={topic.id} className="flex min-h-8 cursor-pointer items-center gap-2.5 text-sm touch-target">
          <Checkbox checked={!topic.ignored} onCheckedChange={(on) => toggle(topic, on)} />
          <bdi className="min-w-0 truncate">{topic.name ?? (topic.id === GENERAL ? t('groups.topics.general') : t('groups.topics.nameless', { id: topic.id }))}</bdi>
        </label>
      ))}
      <p className="pt-1 text-xs text-pretty text-muted">{t('groups.topics.hint')}</p>
    </fieldset>
  );
}

export const ignoreTopics = (group: Group, topics: string[]) =>
  unwrap(api.PUT('/api/webhook-settings/telegram/groups/{group_id}/topics', { params: { path: { group_id: group.id } }, body: { topics } }));

function useIgnoreTopics(group: Group) {
  const { t } = useTranslation('settings');
  const errorText = useErrorText();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (topics: string[]) => ignoreTopics(group, topics),
    onSuccess: (config) => putWebhookConfig(cache, config),
    onError: (error) => toast.error(t('groups.topics.failed'), { description: errorText(error) }),
  });
}
