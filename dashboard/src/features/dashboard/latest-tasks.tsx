import { useInfiniteQuery } from '@tanstack/react-query';
import { ListChecks } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { PrioritySign, StatusChip } from '@/components/chips';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows, State } from '@/components/states';
import { ShortTime } from '@/components/time';
import { Button } from '@/components/ui/button';
import { tasksQuery } from '@/data/tasks/queries';
import type { Task } from '@/lib/api';

const SHOWN = 6;
const everything = {};

export function LatestTasks() {
  const { t } = useTranslation(['dashboard', 'common']);
  const query = useInfiniteQuery(tasksQuery(everything));
  const tasks = query.data?.pages[0]?.items.slice(0, SHOWN);
  return (
    <Card
      title={t('latest.tasks')}
      actions={
        <Button asChild variant="ghost" size="sm">
          <Link to="/tasks">{t('latest.allTasks')}</Link>
        </Button>
      }
    >
      {tasks ? (
        tasks.length === 0 ? (
          <State icon={ListChecks} title={t('latest.noTasks')} text={t('latest.noTasksText')} />
        ) : (
          <ul className="divide-y divide-border">
            {tasks.map((task) => (
              <li key={task.id}>
                <TaskRow task={task} />
              </li>
            ))}
          </ul>
        )
      ) : query.error ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <LoadingRows rows={4} />
      )}
    </Card>
  );
}

function TaskRow({ task: { id, title, priority, status, created_at } }: { task: Task }) {
  return (
    <Link to={`/tasks/${id}`} className="flex min-h-10 items-center gap-3 px-4 py-2 text-sm touch-target hover:bg-hover focus-visible:-outline-offset-2">
      <PrioritySign priority={priority} />
      <bdi className="min-w-0 flex-1 truncate">{title}</bdi>
      <StatusChip status={status} className="max-sm:hidden" />
      <ShortTime at={created_at} className="text-xs text-muted" />
    </Link>
  );
}
