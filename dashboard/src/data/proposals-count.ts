import { queryOptions } from '@tanstack/react-query';

import { api, unwrapPage } from '@/lib/api';
import { formatNumber } from '@/lib/format';
import type { Language } from '@/lib/preferences';
import { keys } from '@/lib/query-keys';

/** Counted so far; more are said as that and a plus. */
const MOST = 100;

/** How many proposals wait for a person. Read anew with the proposals. */
export const proposalCountQuery = queryOptions({
  queryKey: [...keys.proposals, 'count'],
  queryFn: async ({ signal }) => {
    const { items, next } = await unwrapPage(api.GET('/api/proposals', { params: { query: { limit: MOST } }, signal }));
    return { count: items.length, more: next !== null };
  },
});

/** "12", "100+". */
export const countText = ({ count, more }: { count: number; more: boolean }, language: Language): string => `${formatNumber(count, language)}${more ? '+' : ''}`;
