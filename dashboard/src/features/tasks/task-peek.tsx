import { useQuery, useQueryClient } from '@tanstack/react-query';
import { ArrowLeft, Link2, Maximize2, X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { toast } from '@/lib/toast';

import { ErrorState, LoadingBlock } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { findTask } from '@/data/tasks/cache';
import { taskQuery } from '@/data/tasks/queries';

import { TaskDetail } from './task-detail';

interface PeekProps {
  id: number;
  onClose: () => void;
  /** Opened by keyboard: the panel takes the focus. */
  takeFocus: boolean;
  /** Of the detail. */
  fieldKeys: boolean;
}

/** A task beside the list; on a narrow screen over it. */
export function TaskPeek({ id, onClose, takeFocus, fieldKeys }: PeekProps) {
  const { t } = useTranslation(['tasks', 'common']);
  const cache = useQueryClient();
  const query = useQuery({ ...taskQuery(id), initialData: () => findTask(cache, id), initialDataUpdatedAt: 0 });
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (takeFocus) panel.current?.focus();
  }, [takeFocus, id]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(new URL(`/tasks/${id}`, location.href).href);
      toast.success(t('common:actions.copied'));
    } catch {
      toast.error(t('copyFailed'));
    }
  };
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={t('taskTitle', { id })}
      className="flex w-full min-w-0 flex-col border-border bg-surface outline-none max-lg:absolute max-lg:inset-0 max-lg:z-30 lg:w-[28rem] lg:shrink-0 lg:animate-slide-in-right lg:border-l xl:w-[32rem]"
    >
      <header className="flex h-12 shrink-0 items-center gap-1 border-b border-border px-4">
        <Button variant="ghost" size="icon" className="lg:hidden" aria-label={t('common:actions.back')} onClick={onClose}>
          <ArrowLeft aria-hidden />
        </Button>
        <div className="ml-auto flex items-center gap-1">
          <Tooltip label={t('copyLink')}>
            <Button variant="ghost" size="icon" aria-label={t('copyLink')} onClick={() => void copy()}>
              <Link2 aria-hidden />
            </Button>
          </Tooltip>
          <Tooltip label={t('fullPage')}>
            <Button asChild variant="ghost" size="icon">
              <Link to={`/tasks/${id}`} aria-label={t('fullPage')}>
                <Maximize2 aria-hidden />
              </Link>
            </Button>
          </Tooltip>
          <Tooltip label={t('common:actions.close')} keys="Escape">
            <Button variant="ghost" size="icon" className="max-lg:hidden" aria-label={t('common:actions.close')} onClick={onClose}>
              <X aria-hidden />
            </Button>
          </Tooltip>
        </div>
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto p-5">
        {query.data ? <TaskDetail key={id} task={query.data} fieldKeys={fieldKeys} /> : query.isError ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : <LoadingBlock />}
      </div>
    </aside>
  );
}
