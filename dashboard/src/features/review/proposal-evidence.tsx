import { useQueries } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { Avatar } from '@/components/avatar';
import { RelativeTime } from '@/components/time';
import { Skeleton } from '@/components/ui/skeleton';
import { messageQuery } from '@/data/messages/queries';
import { shownContent } from '@/lib/content';

/** So many are shown as they were said; the links above lead to all. */
const FIRST = 3;

/** The messages that a proposal was made of: who said what, and when. */
export function ProposalEvidence({ ids }: { ids: readonly number[] }) {
  const { t } = useTranslation(['review', 'common']);
  const queries = useQueries({ queries: ids.slice(0, FIRST).map((id) => messageQuery(id)) });
  if (queries.every(({ isError }) => isError)) return null; // the links above lead there
  return (
    <ul aria-label={t('proposals.evidence')} className="space-y-2">
      {queries.map(({ data: message, isPending }, i) =>
        message ? (
          <li key={message.id} className="border-l-2 border-border-strong pl-3 text-sm">
            <span className="flex flex-wrap items-center gap-x-2 text-xs text-muted">
              <Avatar name={message.author} url={message.avatar_url} size="sm" />
              <bdi className="font-medium text-foreground">{message.author || t('common:unknownAuthor')}</bdi>
              {message.chat_name ? <bdi>{message.chat_name}</bdi> : null}
              <RelativeTime at={message.sent_at} focusable />
            </span>
            <p dir="auto" className="mt-0.5 line-clamp-4 whitespace-pre-wrap [overflow-wrap:anywhere]">
              {shownContent(message.content, t)}
            </p>
          </li>
        ) : isPending ? (
          <li key={ids[i]}>
            <Skeleton className="h-10 max-w-96" />
          </li>
        ) : null,
      )}
    </ul>
  );
}
