import type { UseInfiniteQueryResult } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';

/** Below a list that is read page by page: the next one, and why it could not be read. */
export function LoadMore({ query }: { query: UseInfiniteQueryResult }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  if (!query.hasNextPage) return null;
  return (
    <div className="flex flex-wrap items-center gap-3 border-t border-border p-3">
      <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {query.isFetchingNextPage ? t('states.loading') : t('actions.loadMore')}
      </Button>
      {query.isFetchNextPageError ? <span className="text-xs text-danger">{errorText(query.error)}</span> : null}
    </div>
  );
}
