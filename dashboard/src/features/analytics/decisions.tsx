import { useInfiniteQuery } from '@tanstack/react-query';
import { ArrowLeft, Scale } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { LoadMore } from '@/components/load-more';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '@/components/ui/table';
import { bounds } from '@/data/activity';
import { decisionsQuery, type AIDecision } from '@/data/quality';
import { isoDay } from '@/lib/format';

import { parseDecisions } from './decision-filter';
import { parsePeriod } from './period';
import { useQualityWords } from './quality-words';

/** What people decided, one by one: the list behind a number of the quality. */
export function Decisions() {
  const { t } = useTranslation(['analytics', 'common']);
  const { outcome: word } = useQualityWords();
  const [parameters] = useSearchParams();
  const days = bounds(parsePeriod(parameters), new Date());
  const filter = parseDecisions(parameters);
  const query = useInfiniteQuery(decisionsQuery({ from: isoDay(days.from), to: isoDay(days.to), chat_id: parameters.get('chat_id')?.slice(0, 255) || undefined }, filter));
  const back = new URLSearchParams(parameters);
  for (const name of ['decisions', 'reason', 'version']) back.delete(name);
  const rows = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const what = [filter.outcome ? word(filter.outcome, filter.reason ?? null) : filter.accepted ? t('durations.accept') : filter.right === undefined ? '' : t(filter.right ? 'versions.right' : 'versions.wrong'), filter.version ?? ''].filter(Boolean).join(' · ');
  return (
    <div className="mx-auto max-w-6xl space-y-4">
      <Button asChild>
        <Link to={`/analytics?${back.toString()}`}>
          <ArrowLeft aria-hidden />
          {t('decisions.back')}
        </Link>
      </Button>
      <Card title={what ? `${t('decisions.title')}: ${what}` : t('decisions.title')}>
        {query.data ? (
          rows.length === 0 ? (
            <State icon={Scale} title={t('decisions.none')} />
          ) : (
            <DecisionTable rows={rows} />
          )
        ) : query.error ? (
          <ErrorState error={query.error} retry={() => void query.refetch()} />
        ) : (
          <LoadingRows rows={6} />
        )}
        <LoadMore query={query} />
      </Card>
    </div>
  );
}

function DecisionTable({ rows }: { rows: readonly AIDecision[] }) {
  const { t } = useTranslation('analytics');
  const { outcome: word } = useQualityWords();
  return (
    <Table>
      <caption className="sr-only">{t('decisions.title')}</caption>
      <TableHeader>
        <TableRow>
          {(['what', 'outcome', 'made', 'decided', 'version'] as const).map((column) => (
            <TableHead key={column} className={column === 'version' ? 'max-md:hidden' : ''}>
              {t(`decisions.${column}`)}
            </TableHead>
          ))}
        </TableRow>
      </TableHeader>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={`${row.subject} ${row.id}`}>
            <TableCell className="min-w-48 py-1">
              <Subject row={row} />
            </TableCell>
            <TableCell>{word(row.outcome, row.reason)}</TableCell>
            <TableCell className="text-muted">
              <RelativeTime at={row.made_at} />
            </TableCell>
            <TableCell className="text-muted">{row.decided_at ? <RelativeTime at={row.decided_at} /> : '—'}</TableCell>
            <TableCell className="text-xs text-muted max-md:hidden">{row.version}</TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** What it is about, and the way to it: the task, the proposal while it waits, else the message that it came from. */
function Subject({ row: { subject, id, message_id, title, task_id, outcome } }: { row: AIDecision }) {
  const { t } = useTranslation('analytics');
  const to = task_id !== null ? `/tasks/${task_id}` : subject === 'proposal' && outcome === 'undecided' ? `/review?proposal=${id}` : message_id !== null ? `/messages?id=${message_id}` : null;
  const words = (
    <span dir="auto" className="line-clamp-2 [overflow-wrap:anywhere]">
      {title}
    </span>
  );
  return (
    <>
      <span className="block text-xs text-muted">{t(`decisions.subjects.${subject}`, { id })}</span>
      {to ? (
        <Link to={to} className="text-primary-text underline underline-offset-4">
          {words}
        </Link>
      ) : (
        words
      )}
    </>
  );
}
