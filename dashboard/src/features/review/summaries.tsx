import { useInfiniteQuery } from '@tanstack/react-query';
import { Check, ChevronDown, Copy, NotebookText } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { StatusChip } from '@/components/chips';
import { LoadMore } from '@/components/load-more';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { tasksQuery } from '@/data/tasks/queries';
import type { Task } from '@/lib/api';
import { cn } from '@/lib/cn';
import { formatLongDay } from '@/lib/format';
import { toast } from '@/lib/toast';

import { SummaryText } from './summary-text';

const filter = { category: 'summary' } as const;

/** What the runs wrote, newest first; the newest is open. */
export function Summaries() {
  const { t } = useTranslation(['review', 'common']);
  const query = useInfiniteQuery(tasksQuery(filter));
  const tasks = query.data?.pages.flatMap(({ items }) => items);
  const [chosen, setChosen] = useState<Readonly<Record<number, boolean>>>({});
  return (
    <Card
      title={t('summaries.title')}
      actions={
        <Button asChild variant="ghost" size="sm">
          <Link to="/tasks?category=summary">{t('summaries.inTasks')}</Link>
        </Button>
      }
    >
      {tasks ? (
        tasks.length === 0 ? (
          <State icon={NotebookText} title={t('summaries.emptyTitle')} text={t('summaries.empty')} />
        ) : (
          <ul>
            {tasks.map((task, i) => {
              const open = chosen[task.id] ?? i === 0;
              return <Summary key={task.id} task={task} open={open} onToggle={() => setChosen({ ...chosen, [task.id]: !open })} />;
            })}
          </ul>
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={3} />
      )}
      <LoadMore query={query} />
    </Card>
  );
}

/** The day that the title of a summary names; null where somebody gave it another title. */
export function dayOfTitle(title: string): Date | null {
  const match = /^Daily Summary - (\d{4})-(\d{2})-(\d{2})$/.exec(title);
  return match ? new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3])) : null;
}

function Summary({ task, open, onToggle }: { task: Task; open: boolean; onToggle: () => void }) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const id = useId();
  const on = dayOfTitle(task.title);
  return (
    <li className="border-b border-border last:border-0">
      <h3>
        <button type="button" aria-expanded={open} aria-controls={id} onClick={onToggle} className="flex min-h-11 w-full flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2">
          <ChevronDown className={cn('size-4 shrink-0 text-muted transition-transform', !open && '-rotate-90')} aria-hidden />
          <span className="min-w-0 flex-1 text-sm font-medium first-letter:uppercase">{on ? formatLongDay(on, language) : task.title}</span>
          <StatusChip status={task.status} />
          <RelativeTime at={task.created_at} className="text-xs font-normal text-muted" />
        </button>
      </h3>
      <div id={id} hidden={!open} className="space-y-3 px-4 pb-4 sm:pl-11">
        {open ? <SummaryText text={task.description} /> : null}
        <div className="flex flex-wrap gap-2">
          <Button asChild size="sm">
            <Link to={`/tasks/${task.id}`}>{t('summaries.open', { id: task.id })}</Link>
          </Button>
          <CopyMarkdown task={task} />
        </div>
      </div>
    </li>
  );
}

function CopyMarkdown({ task: { title, description } }: { task: Task }) {
  const { t } = useTranslation(['review', 'common']);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(`# ${title}\n\n${description}\n`);
      setCopied(true);
    } catch {
      toast.error(t('summaries.copyFailed'));
    }
  };
  return (
    <Button size="sm" variant="ghost" onClick={() => void copy()} onBlur={() => setCopied(false)}>
      {copied ? <Check className="text-success" aria-hidden /> : <Copy aria-hidden />}
      {copied ? t('common:actions.copied') : t('summaries.copy')}
    </Button>
  );
}
