import { useQuery } from '@tanstack/react-query';
import { ArrowLeft } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';

import { NotFound } from '@/components/fault';
import { Page } from '@/components/page';
import { ErrorState, LoadingBlock } from '@/components/states';
import { Button } from '@/components/ui/button';
import { taskQuery } from '@/data/tasks/queries';

import { TaskDetail } from './task-detail';

/** A task on a page of its own. */
export function TaskPage() {
  const { t } = useTranslation(['tasks', 'common']);
  const { id: text = '' } = useParams();
  const id = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : 0;
  const query = useQuery({ ...taskQuery(id), enabled: id > 0 });
  if (id === 0) return <NotFound />;
  return (
    <Page
      title={t('taskTitle', { id: text })}
      actions={
        <Button asChild variant="ghost">
          <Link to="/tasks">
            <ArrowLeft aria-hidden />
            {t('toList')}
          </Link>
        </Button>
      }
    >
      {query.isError && !query.data ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : query.data ? (
        <div className="mx-auto max-w-5xl">
          <TaskDetail key={id} task={query.data} wide fieldKeys />
        </div>
      ) : (
        <LoadingBlock />
      )}
    </Page>
  );
}
