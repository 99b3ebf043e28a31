import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { CalendarClock, ChevronsUp, CircleDashed, EarOff, MailWarning, RefreshCw, SunMedium, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useNavigate } from 'react-router';

import { useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Kbd } from '@/components/ui/kbd';
import { Skeleton } from '@/components/ui/skeleton';
import { statsQuery } from '@/data/insight';
import { deadLetterKindsQuery, sumOfKinds } from '@/data/operations';
import { proposalCountQuery } from '@/data/proposals-count';
import { tasksQuery } from '@/data/tasks/queries';
import { hearingQuery, troubles } from '@/data/telegram';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { useShortcuts } from '@/lib/shortcuts';
import { pathWith } from '@/lib/url-state';

/** What the value is, or why there is none. `more`: the list goes on behind what was read. */
interface Reading {
  count: number | undefined;
  more?: boolean | undefined;
  error: Error | null;
  retry: () => void;
}

interface Need extends Reading {
  key: 'review' | 'open' | 'critical' | 'overdue' | 'deaf' | 'failed';
  icon: LucideIcon;
  to: string;
}

const overdue = { due: 'overdue' } as const;
const urgent = { status: 'open', priority: 'critical' } as const;

/** What waits for a person, each a link to exactly that list. A count that cannot be had says so alone. */
export function NeedsYou() {
  const { t } = useTranslation(['dashboard', 'common']);
  const navigate = useNavigate();
  const stats = useQuery(statsQuery);
  const critical = useInfiniteQuery(tasksQuery(urgent));
  const late = useInfiniteQuery(tasksQuery(overdue));
  const proposals = useQuery(proposalCountQuery);
  const hearing = useQuery(hearingQuery);
  const letters = useQuery(deadLetterKindsQuery);
  const count = (query: typeof critical) => query.data?.pages.reduce((sum, { items }) => sum + items.length, 0);
  const found = hearing.data ? troubles(hearing.data) : undefined;
  const needs: Need[] = [
    { key: 'review', icon: SunMedium, to: '/review', count: proposals.data?.count, more: proposals.data?.more, error: proposals.error, retry: () => void proposals.refetch() },
    { key: 'open', icon: CircleDashed, to: pathWith('/tasks', { status: 'open' }), count: stats.data?.by_status.open, error: stats.error, retry: () => void stats.refetch() },
    { key: 'critical', icon: ChevronsUp, to: pathWith('/tasks', urgent), count: count(critical), more: critical.hasNextPage, error: critical.error, retry: () => void critical.refetch() },
    { key: 'overdue', icon: CalendarClock, to: pathWith('/tasks', overdue), count: count(late), more: late.hasNextPage, error: late.error, retry: () => void late.refetch() },
    { key: 'deaf', icon: EarOff, to: found?.groupsOnly ? '/settings/groups' : '/settings/telegram', count: found?.count, error: hearing.error, retry: () => void hearing.refetch() },
    { key: 'failed', icon: MailWarning, to: '/status#dead-letters', count: sumOfKinds(letters.data), error: letters.error, retry: () => void letters.refetch() },
  ];
  useShortcuts(
    t('title'),
    needs.map(({ key, to }, i) => ({ keys: String(i + 1), label: t(`needs.names.${key}`), run: () => void navigate(to) })),
  );
  return (
    <section aria-label={t('needs.title')}>
      {/* Names, numbers and what they mean have rows of their own, which a name of two lines does not shift. */}
      <ul className="-mb-3 grid grid-cols-2 gap-x-3 md:grid-cols-3 xl:grid-cols-6">
        {needs.map((need, i) => (
          <li key={need.key} className="row-span-3 mb-3 grid grid-rows-subgrid">
            <NeedCard need={need} digit={String(i + 1)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function NeedCard({ need: { key, icon: Icon, to, count, more = false, error, retry }, digit }: { need: Need; digit: string }) {
  const { t } = useTranslation(['dashboard', 'common']);
  const language = useLanguage();
  const errorText = useErrorText();
  const box = 'row-span-3 min-h-24 rounded-lg border p-3 shadow-card sm:p-4';
  if (count === undefined && error) {
    return (
      <div role="alert" className={cn(box, 'flex flex-col border-border bg-surface')}>
        <span className="text-xs text-muted">{t(`needs.names.${key}`)}</span>
        <span className="mt-1 min-w-0 flex-1 text-xs break-words text-danger">{errorText(error)}</span>
        <Button variant="link" size="sm" className="self-start px-0" onClick={retry}>
          <RefreshCw aria-hidden />
          {t('common:actions.retry')}
        </Button>
      </div>
    );
  }
  const waits = (count ?? 0) > 0;
  const text = count === undefined ? '' : `${formatNumber(count, language)}${more ? '+' : ''}`;
  return (
    <Link to={to} className={cn(box, 'grid grid-rows-subgrid content-start transition-colors hover:bg-hover', waits ? 'border-border-strong bg-surface' : 'border-border bg-surface')}>
      <span className="flex items-start gap-2 text-xs text-muted">
        <Icon className={cn('size-4 shrink-0', waits ? (key === 'open' || key === 'review' ? 'text-info' : 'text-danger') : 'text-muted')} aria-hidden />
        <span className="min-w-0 flex-1">{t(`needs.names.${key}`)}</span>
        <span className="coarse:hidden">
          <Kbd keys={digit} />
        </span>
      </span>
      {count === undefined ? (
        <>
          <Skeleton className="mt-2 h-7 w-12" />
          <span className="sr-only">{t('common:states.loading')}</span>
        </>
      ) : (
        <span className={cn('mt-1 text-2xl font-semibold tabular-nums', !waits && 'text-muted')}>{text}</span>
      )}
      {count === undefined ? null : <span className="text-xs text-muted">{waits ? t(`needs.some.${key}`) : t(`needs.none.${key}`)}</span>}
    </Link>
  );
}
