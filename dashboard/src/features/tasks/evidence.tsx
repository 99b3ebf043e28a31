import { useQueries } from '@tanstack/react-query';
import { ExternalLink, MessagesSquare } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Avatar } from '@/components/avatar';
import { ErrorState } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Skeleton } from '@/components/ui/skeleton';
import { messageQuery } from '@/data/messages/queries';
import type { MessageDetail, Task } from '@/lib/api';
import { cn } from '@/lib/cn';
import { shownContent } from '@/lib/content';
import { telegramLink } from '@/lib/telegram';

import { ReplyInChat } from './reply';

/** Each message is a request; a summary may have hundreds. */
export const FIRST = 5;

/** The messages that a task came from, quoted, with the way back to their conversation. */
export function Evidence({ task }: { task: Task }) {
  const { t } = useTranslation(['tasks', 'common']);
  const [shown, setShown] = useState(FIRST);
  const ids = task.source_message_ids.slice(0, shown);
  const queries = useQueries({ queries: ids.map((id) => messageQuery(id)) });
  if (task.source_message_ids.length === 0) return null;
  const rest = task.source_message_ids.length - ids.length;
  return (
    <section aria-label={t('evidence')}>
      <h3 className="mb-2 text-xs font-semibold text-muted">
        {t('evidence')} · {t('fromMessages', { count: task.source_message_ids.length })}
      </h3>
      <ul className="space-y-2">
        {queries.map((query, i) => (
          <li key={ids[i]}>
            {query.data ? (
              <Quote task={task} message={query.data} />
            ) : query.isError ? (
              <ErrorState error={query.error} retry={() => void query.refetch()} className="rounded-lg border border-border" />
            ) : (
              <Skeleton className="h-20 rounded-lg" />
            )}
          </li>
        ))}
      </ul>
      {rest > 0 ? (
        <Button size="sm" className="mt-2" onClick={() => setShown(shown + 10)}>
          {t('moreMessages', { count: rest })}
        </Button>
      ) : null}
    </section>
  );
}

function Quote({ task, message }: { task: Task; message: MessageDetail }) {
  const { t } = useTranslation(['tasks', 'common']);
  const telegram = telegramLink(message);
  const [whole, setWhole] = useState(false);
  // Six lines hold about so much beside the list.
  const long = message.content.length > 400 || message.content.split('\n').length > 6;
  return (
    <blockquote className="rounded-lg border border-border bg-background p-3">
      <div className="flex items-center gap-2 text-xs">
        <Avatar name={message.author} url={message.avatar_url} size="sm" />
        <bdi className="truncate font-medium">{message.author || t('common:unknownAuthor')}</bdi>
        <bdi className="truncate text-muted">{message.chat_name ?? message.source_name}</bdi>
        <RelativeTime at={message.sent_at} focusable className="ml-auto text-muted" />
      </div>
      <p dir="auto" className={cn('mt-1.5 break-words whitespace-pre-wrap', long && !whole && 'line-clamp-6')}>
        {shownContent(message.content, t)}
      </p>
      {long ? (
        <Button size="sm" variant="ghost" aria-expanded={whole} className="mt-1 -ml-2" onClick={() => setWhole(!whole)}>
          {whole ? t('showLess') : t('showAll')}
        </Button>
      ) : null}
      <div className="mt-2 flex flex-wrap gap-x-4 gap-y-1 text-xs">
        <Link to={`/messages?id=${message.id}`} className="inline-flex items-center gap-1 text-primary-text touch-target hover:underline">
          <MessagesSquare className="size-3.5" aria-hidden />
          {t('inConversation')}
        </Link>
        {telegram ? (
          <a href={telegram} target="_blank" rel="noreferrer" className="inline-flex items-center gap-1 text-primary-text touch-target hover:underline">
            <ExternalLink className="size-3.5" aria-hidden />
            {t('inTelegram')}
          </a>
        ) : null}
        {message.source_name === 'telegram' ? <ReplyInChat task={task} message={message} /> : null}
      </div>
    </blockquote>
  );
}
