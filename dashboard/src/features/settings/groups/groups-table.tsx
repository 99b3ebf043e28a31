import { useMutation, useQueryClient } from '@tanstack/react-query';
import { MessagesSquare, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { toast } from '@/lib/toast';

import { ChangeButton } from '@/components/guarded';
import { useErrorText } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '@/components/ui/table';
import { Tooltip } from '@/components/ui/tooltip';
import { putWebhookConfig, type GroupHearing, type TelegramWebhookConfig } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';
import { pathWith } from '@/lib/url-state';

import { CopyButton } from '../copy-button';
import { CauseAndFix } from '../notice';
import { HearingChip } from './hearing-chip';
import { GroupTopics, ignoreTopics } from './topics';

type Group = TelegramWebhookConfig['groups'][number];

/** How long a removal can be taken back. */
const UNDO_MS = 10_000;

interface GroupsTableProps {
  groups: readonly Group[];
  hearing: readonly GroupHearing[] | undefined;
  /** Telegram was asked, with whatever outcome; false while the answer is awaited. */
  asked: boolean;
}

export function GroupsTable({ groups, hearing, asked }: GroupsTableProps) {
  const { t } = useTranslation(['settings', 'common']);
  const { remove, removing } = useRemoveGroup(groups.length);
  const heardOf = new Map(hearing?.map((group) => [group.id, group]));
  return (
    <Table>
      <caption className="sr-only">{t('groups.title')}</caption>
      <TableHeader>
        <TableRow>
          <TableHead className="pl-4">{t('groups.name')}</TableHead>
          <TableHead className="max-lg:hidden">{t('groups.id')}</TableHead>
          <TableHead className="max-sm:hidden">{t('groups.hearing')}</TableHead>
          <TableHead className="max-sm:hidden">{t('groups.lastMessage')}</TableHead>
          <TableHead className="pr-4 text-right">
            <span className="sr-only">{t('groups.actions')}</span>
          </TableHead>
        </TableRow>
      </TableHeader>
      <TableBody>
        {groups.map((group) => {
          const heard = heardOf.get(group.id);
          const name = group.name ?? t('groups.nameless');
          const hears = <Hears heard={heard} asked={asked} />;
          return (
            <TableRow key={group.id} className="align-top">
              <TableCell className="py-2 pl-4 max-sm:w-full max-sm:max-w-0 sm:max-w-64">
                <bdi className="block truncate font-medium">{name}</bdi>
                {group.ignored_topics ? <span className="block text-xs text-muted">{t('groups.topics.ignored', { count: group.ignored_topics.length })}</span> : null}
                <span className="flex items-center gap-1 text-xs text-muted tabular-nums lg:hidden">
                  {group.id}
                  <CopyButton value={String(group.id)} name={t('groups.idOf', { name })} />
                </span>
                {/* Too narrow for columns: under the name. */}
                <span className="mt-1 block sm:hidden">{hears}</span>
              </TableCell>
              <TableCell className="py-1 max-lg:hidden">
                <span className="flex items-center gap-1 font-mono text-xs tabular-nums">
                  {group.id}
                  <CopyButton value={String(group.id)} name={t('groups.idOf', { name })} />
                </span>
              </TableCell>
              <TableCell className="max-w-md py-2 max-sm:hidden">{hears}</TableCell>
              <TableCell className="py-2 text-muted max-sm:hidden">{heard?.last_message_at ? <RelativeTime at={heard.last_message_at} focusable /> : asked ? t('groups.never') : '…'}</TableCell>
              <TableCell className="py-1 pr-4">
                <span className="flex justify-end gap-1">
                  <GroupTopics group={group} name={name} />
                  <Tooltip label={t('groups.messages', { name })}>
                    <Button asChild variant="ghost" size="icon-sm">
                      <Link to={pathWith('/messages', { chat_id: String(group.id) })} aria-label={t('groups.messages', { name })}>
                        <MessagesSquare aria-hidden />
                      </Link>
                    </Button>
                  </Tooltip>
                  <ChangeButton variant="ghost" size="icon-sm" aria-label={t('groups.remove', { name })} title={t('groups.remove', { name })} disabled={removing} onClick={() => remove(group)}>
                    <Trash2 aria-hidden />
                  </ChangeButton>
                </span>
              </TableCell>
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}

function Hears({ heard, asked }: { heard: GroupHearing | undefined; asked: boolean }) {
  return (
    <span className="block space-y-1">
      <HearingChip state={heard?.state ?? (asked ? 'unknown' : undefined)} />
      {/* Why nothing at all comes is said once, above. */}
      {heard && heard.state !== 'heard' && heard.state !== 'undelivered' ? (
        <span className="block text-xs text-pretty text-muted">
          <CauseAndFix of={heard} />
        </span>
      ) : null}
    </span>
  );
}

/** Removes at once and offers to take it back. The last one gone means that every chat is taken in, which is said. */
function useRemoveGroup(count: number) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const removal = useMutation({
    mutationFn: (group: Group) => unwrap(api.DELETE('/api/webhook-settings/telegram/groups/{group_id}', { params: { path: { group_id: group.id } } })),
    onSuccess: (config, group) => {
      putWebhookConfig(cache, config);
      const undo = async () => {
        try {
          const back = await unwrap(api.POST('/api/webhook-settings/telegram/groups', { body: { group_id: group.id } }));
          putWebhookConfig(cache, group.ignored_topics ? await ignoreTopics(group, group.ignored_topics) : back);
        } catch (error) {
          toast.error(t('groups.undoFailed'), { description: errorText(error) });
        }
      };
      toast.success(t('groups.removed', { name: group.name ?? group.id }), {
        ...(count === 1 ? { description: t('groups.lastRemoved') } : {}),
        duration: UNDO_MS,
        action: { label: t('common:actions.undo'), onClick: () => void undo() },
      });
    },
    onError: (error) => toast.error(t('groups.removeFailed'), { description: errorText(error) }),
  });
  return { remove: removal.mutate, removing: removal.isPending };
}
