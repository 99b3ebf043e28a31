import { useInfiniteQuery } from '@tanstack/react-query';
import { Inbox } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Card } from '@/components/page';
import { EmptyState, ErrorState, LoadingRows } from '@/components/states';
import { Button } from '@/components/ui/button';
import { proposalsQuery } from '@/data/proposals';

import { ProposalCard } from './proposal-card';

/** What may be a task and waits for a person's word. */
export function Proposals() {
  const { t } = useTranslation(['review', 'common']);
  const query = useInfiniteQuery(proposalsQuery);
  const proposals = query.data?.pages.flatMap(({ items }) => items);
  const [open, setOpen] = useState<number | null>(null);
  return (
    <Card title={t('proposals.title')}>
      <p className="px-4 pt-3 text-sm text-pretty text-muted">{t('proposals.text')}</p>
      {proposals ? (
        proposals.length === 0 ? (
          <EmptyState icon={Inbox} title={t('proposals.emptyTitle')} text={t('proposals.empty')} />
        ) : (
          <ul aria-label={t('proposals.title')} className="divide-y divide-border">
            {proposals.map((proposal) => (
              <ProposalCard key={proposal.id} proposal={proposal} open={open === proposal.id} onOpen={(is) => setOpen(is ? proposal.id : null)} />
            ))}
          </ul>
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={3} />
      )}
      {query.hasNextPage ? (
        <div className="border-t border-border p-3">
          <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {query.isFetchingNextPage ? t('common:states.loading') : t('common:actions.loadMore')}
          </Button>
        </div>
      ) : null}
    </Card>
  );
}
