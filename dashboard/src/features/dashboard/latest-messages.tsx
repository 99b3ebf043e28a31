import { useQueryClient } from '@tanstack/react-query';
import { CirclePause, CirclePlay, Inbox } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Avatar } from '@/components/avatar';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State } from '@/components/states';
import { ShortTime } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import type { Row } from '@/data/messages/feed';
import { useMessageFeed } from '@/data/messages/queries';
import type { Message } from '@/lib/api';
import { issueOf } from '@/lib/issue';
import { cn } from '@/lib/cn';
import { shownContent } from '@/lib/content';
import { pathWith } from '@/lib/url-state';

const SHOWN = 10;
/** The filter of the feed that the Messages page opens with: one list for both. */
export const everything = {};

/** The newest messages as they arrive; held still on request, since a busy group moves faster than one reads. */
export function LatestMessages() {
  const { t } = useTranslation(['dashboard', 'common']);
  const cache = useQueryClient();
  const { feed, state } = useMessageFeed(cache, everything);
  const [held, setHeld] = useState<readonly string[] | null>(null);
  const keys = held ?? state.keys.slice(0, SHOWN);
  const rows = keys.map((key) => feed.row(key)).filter((row) => row !== undefined);
  const label = held ? t('latest.resume') : t('latest.pause');
  return (
    <Card
      title={t('latest.messages')}
      actions={
        <>
          <Tooltip label={label}>
            <Button variant="ghost" size="icon-sm" aria-label={label} aria-pressed={held !== null} onClick={() => setHeld(held ? null : keys)}>
              {held ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
            </Button>
          </Tooltip>
          <Button asChild variant="ghost" size="sm">
            <Link to="/messages">{t('latest.all')}</Link>
          </Button>
        </>
      }
    >
      {state.status === 'error' ? (
        <ErrorState error={state.error} retry={() => void feed.load()} />
      ) : state.status === 'loading' ? (
        <LoadingRows rows={6} />
      ) : rows.length === 0 ? (
        <State icon={Inbox} title={t('latest.noMessages')} />
      ) : (
        <ul className="divide-y divide-border">
          {rows.map((row) => (
            <li key={row.key}>
              <MessageRow row={row} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function MessageRow({ row: { message, marked } }: { row: Row }) {
  const { t } = useTranslation(['dashboard', 'common']);
  const { author, avatar_url, chat_name, content, sent_at, persisted, id } = message;
  return (
    <Link
      to={pathWith('/messages', { id: id ? String(id) : undefined })}
      className={cn('flex items-start gap-3 px-4 py-2.5 hover:bg-hover focus-visible:-outline-offset-2', marked && 'animate-row-in', !persisted && 'text-muted opacity-70')}
    >
      <Avatar name={author} url={avatar_url} />
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline gap-2">
          <bdi className="truncate text-sm font-medium">{author || t('common:unknownAuthor')}</bdi>
          {chat_name ? <bdi className="min-w-0 truncate text-xs text-muted">{chat_name}</bdi> : null}
          <ShortTime at={sent_at} className="ml-auto text-xs text-muted" />
        </span>
        <span className="flex items-center gap-2">
          <bdi className="min-w-0 flex-1 truncate text-sm text-muted">{shownContent(content, t)}</bdi>
          <Outcome message={message} />
        </span>
      </span>
    </Link>
  );
}

function Outcome({ message: { task_id, classification, persisted } }: { message: Message }) {
  const { t } = useTranslation(['dashboard', 'common']);
  if (!persisted) return <Badge>{t('latest.saving')}</Badge>;
  if (task_id !== null) return <Badge tone="primary">{t('latest.task', { id: task_id })}</Badge>;
  const issue = issueOf(classification);
  if (issue) return <Badge tone="warning">{t(`common:category.${issue.category}`)}</Badge>;
  return null;
}
