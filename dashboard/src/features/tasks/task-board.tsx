import { useDroppable } from '@dnd-kit/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef } from 'react';

import { Labelled, statusLook } from '@/components/chips';
import { ErrorState } from '@/components/states';
import { useLanguage } from '@/components/time';
import { useWords } from '@/i18n/words';
import type { Task, TaskStatus } from '@/lib/api';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { useCanChange } from '@/live/live';

import { Card, CARD, GAP } from './board-card';
import { Moves, type Place } from './board-moves';
import type { Group } from './use-groups';

interface BoardProps {
  groups: readonly Group[];
  shownId: number | null;
  onOpen: (task: Task) => void;
}

export function TaskBoard({ groups, shownId, onOpen }: BoardProps) {
  const t = useWords(['tasks', 'common']);
  const canChange = useCanChange();
  const open = useRef(onOpen);
  useEffect(() => {
    open.current = onOpen;
  });
  const openTask = useCallback((task: Task) => open.current(task), []);
  return (
    <Moves instructions={t('board.instructions')}>
      <div className="flex min-h-0 flex-1 snap-x scroll-px-4 gap-3 overflow-x-auto p-4" role="group" aria-label={t('board.label')} tabIndex={-1}>
        {groups.map((group) => (
          <Column key={group.value} group={group} shownId={shownId} onOpen={openTask} canDrag={canChange} />
        ))}
      </div>
    </Moves>
  );
}

function Column({ group, shownId, onOpen, canDrag }: { group: Group; shownId: number | null; onOpen: (task: Task) => void; canDrag: boolean }) {
  const t = useWords(['tasks', 'common']);
  const language = useLanguage();
  const { tasks, count, exact, isPending, error } = group;
  const status = group.value as TaskStatus; // a board's columns are statuses: what is dropped there gets it
  const place: Place = { name: t(`common:status.${status}`), patch: { status } };
  const { setNodeRef, isOver } = useDroppable({ id: status, data: place });
  const scroller = useRef<HTMLDivElement>(null);
  const virtualizer = useVirtualizer({
    count: tasks.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => CARD + GAP,
    getItemKey: (index) => tasks[index]?.id ?? index,
    overscan: 5,
    initialRect: { width: 280, height: 800 },
  });
  const drawn = virtualizer.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  const wantsMore = group.hasMore && !group.isLoadingMore && last >= tasks.length - 8;
  const { loadMore } = group;
  useEffect(() => {
    if (wantsMore) loadMore();
  }, [wantsMore, loadMore]);
  return (
    <section
      ref={setNodeRef}
      aria-label={t(`common:status.${status}`)}
      className={cn('flex w-72 min-w-52 flex-1 snap-start max-lg:min-w-64 max-lg:shrink-0 flex-col rounded-lg bg-sunken ring-1 ring-border transition-shadow ring-inset forced-colors:outline', isOver && 'bg-primary-soft ring-2 ring-primary forced-colors:outline-4')}
    >
      <h2 className="flex h-9 shrink-0 items-center gap-2 px-3 text-xs font-semibold">
        <Labelled look={statusLook[status]} text={t(`common:status.${status}`)} />
        {exact || count > 0 || !(isPending || error) ? (
          <span className="font-normal text-muted tabular-nums">{exact ? formatNumber(count, language) : t('atLeast', { count, shown: formatNumber(count, language) })}</span>
        ) : null}
      </h2>
      <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-2">
        {group.error ? (
          <ErrorState error={group.error} retry={group.retry} />
        ) : tasks.length === 0 ? (
          <p className="p-4 text-center text-xs text-muted">{group.isPending ? t('common:states.loading') : t('noneHere')}</p>
        ) : (
          <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
            {drawn.map(({ index, key, start }) => {
              const task = tasks[index];
              if (!task) return null;
              return (
                <li key={key} className="absolute inset-x-0 top-0" style={{ height: CARD, transform: `translateY(${start}px)` }}>
                  <Card task={task} shown={task.id === shownId} onOpen={onOpen} canDrag={canDrag} />
                </li>
              );
            })}
          </ul>
        )}
      </div>
    </section>
  );
}
