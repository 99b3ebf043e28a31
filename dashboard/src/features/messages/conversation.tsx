import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Avatar } from '@/components/avatar';
import { ErrorState, LoadingBlock } from '@/components/states';
import { ShortTime } from '@/components/time';
import { conversationQuery } from '@/data/messages/queries';
import type { Message } from '@/lib/api';
import { cn } from '@/lib/cn';
import { shownContent } from '@/lib/content';

/** What was said around a message in its chat that day, the message marked. */
export function Conversation({ message, onOpen }: { message: Message; onOpen: (id: number) => void }) {
  const { t } = useTranslation(['messages', 'common']);
  const query = useQuery(conversationQuery(message));
  if (!message.chat_id) return null;
  if (query.isPending) return <LoadingBlock />;
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} title={t('conversationFailed')} />;
  if (query.data.length < 2) return null;
  return (
    <section aria-label={t('conversation')}>
      <h3 className="mb-2 text-xs font-semibold text-muted">{t('conversation')}</h3>
      <ol className="overflow-hidden rounded-lg border border-border">
        {query.data.map((each) => {
          const chosen = each.id === message.id;
          return (
            <li key={each.id} className="border-b border-border/60 last:border-0">
              <button
                type="button"
                aria-current={chosen || undefined}
                onClick={() => onOpen(each.id)}
                className={cn(
                  'flex w-full items-start gap-2.5 px-3 py-2 text-left transition-colors hover:bg-hover focus-visible:-outline-offset-2',
                  chosen && 'border-l-2 border-primary bg-selected pl-2.5 hover:bg-selected',
                )}
              >
                <Avatar name={each.author} url={each.avatar_url} size="sm" className="mt-0.5" />
                <span className="min-w-0 flex-1">
                  <span className="flex items-center gap-2 text-xs">
                    <bdi className="truncate font-medium">{each.author || t('common:unknownAuthor')}</bdi>
                    <ShortTime at={each.sent_at} className="text-muted" />
                  </span>
                  <bdi className="line-clamp-4 break-words">{shownContent(each.content, t)}</bdi>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
