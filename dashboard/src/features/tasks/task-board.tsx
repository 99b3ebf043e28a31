import {
  DndContext,
  DragOverlay,
  KeyboardSensor,
  MouseSensor,
  TouchSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
  type Announcements,
  type KeyboardCoordinateGetter,
} from '@dnd-kit/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useCallback, useEffect, useRef, useState } from 'react';

import { Avatar } from '@/components/avatar';
import { CategoryChip, Labelled, PrioritySign, statusLook } from '@/components/chips';
import { ErrorState } from '@/components/states';
import { useLanguage } from '@/components/time';
import { useDeadlineWords } from '@/data/deadlines';
import { useChangeTasks } from '@/data/tasks/mutations';
import { useWords } from '@/i18n/words';
import type { Task, TaskStatus } from '@/lib/api';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { STATUSES } from '@/lib/task-values';
import { useCanChange } from '@/live/live';

import { LinkMark } from './link-mark';
import type { Group } from './use-groups';

interface BoardProps {
  groups: readonly Group[];
  shownId: number | null;
  onOpen: (task: Task) => void;
}

const CARD = 92;
const GAP = 8;

/** In move mode the arrows go from column to column. */
const betweenColumns: KeyboardCoordinateGetter = (event, { context: { droppableRects, over, collisionRect } }) => {
  const step = event.code === 'ArrowRight' ? 1 : event.code === 'ArrowLeft' ? -1 : 0;
  if (step === 0 || !collisionRect) return undefined;
  event.preventDefault();
  const columns = [...droppableRects].sort(([, a], [, b]) => a.left - b.left);
  const at = columns.findIndex(([id]) => id === over?.id);
  const next = columns[at + step]?.[1];
  return next ? { x: next.left + (next.width - collisionRect.width) / 2, y: collisionRect.top } : undefined;
};

export function TaskBoard({ groups, shownId, onOpen }: BoardProps) {
  const t = useWords(['tasks', 'common']);
  const change = useChangeTasks();
  const canChange = useCanChange();
  const [dragged, setDragged] = useState<Task | null>(null);
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 250, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter: betweenColumns, keyboardCodes: { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter'] } }),
  );
  const name = (status: unknown) => {
    const known = STATUSES.find((each) => each === status);
    return known ? t(`common:status.${known}`) : '';
  };
  const title = (data: unknown) => (data as { task?: Task } | undefined)?.task?.title ?? '';
  // A card that was picked up is over its own column at once; saying so would cut off that it was picked up.
  const moved = useRef(false);
  const announcements: Announcements = {
    onDragStart: ({ active }) => {
      moved.current = false;
      return t('board.picked', { title: title(active.data.current) });
    },
    onDragOver: ({ active, over }) => {
      const own = over?.id === (active.data.current as { task: Task }).task.status;
      moved.current ||= !own;
      return over && moved.current ? t('board.over', { status: name(over.id) }) : undefined;
    },
    onDragEnd: ({ active, over }) => (over ? t('board.dropped', { title: title(active.data.current), status: name(over.id) }) : t('board.cancelled')),
    onDragCancel: () => t('board.cancelled'),
  };
  const open = useRef(onOpen);
  useEffect(() => {
    open.current = onOpen;
  });
  const openTask = useCallback((task: Task) => open.current(task), []);
  return (
    <DndContext
      sensors={sensors}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t('board.instructions') } }}
      onDragStart={({ active }) => setDragged((active.data.current as { task: Task }).task)}
      onDragCancel={() => setDragged(null)}
      onDragEnd={({ over }) => {
        const task = dragged;
        setDragged(null);
        const status = STATUSES.find((each) => each === over?.id);
        if (task && status && status !== task.status) void change([task], { status });
      }}
    >
      <div className="flex min-h-0 flex-1 snap-x scroll-px-4 gap-3 overflow-x-auto p-4" role="group" aria-label={t('board.label')} tabIndex={-1}>
        {groups.map((group) => (
          <Column key={group.value} group={group} shownId={shownId} onOpen={openTask} canDrag={canChange} />
        ))}
      </div>
      <DragOverlay dropAnimation={null}>{dragged ? <CardFace task={dragged} lifted /> : null}</DragOverlay>
    </DndContext>
  );
}

function Column({ group, shownId, onOpen, canDrag }: { group: Group; shownId: number | null; onOpen: (task: Task) => void; canDrag: boolean }) {
  const t = useWords(['tasks', 'common']);
  const language = useLanguage();
  const { tasks, count, exact } = group;
  const status = group.value as TaskStatus; // a board's columns are statuses: what is dropped there gets it
  const { setNodeRef, isOver } = useDroppable({ id: status });
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
      className={cn('flex w-72 min-w-52 flex-1 snap-start max-lg:min-w-64 max-lg:shrink-0 flex-col rounded-lg bg-sunken ring-1 ring-border transition-shadow ring-inset', isOver && 'bg-primary-soft ring-2 ring-primary')}
    >
      <h2 className="flex h-9 shrink-0 items-center gap-2 px-3 text-xs font-semibold">
        <Labelled look={statusLook[status]} text={t(`common:status.${status}`)} />
        <span className="font-normal text-muted tabular-nums">{exact ? formatNumber(count, language) : t('atLeast', { count, shown: formatNumber(count, language) })}</span>
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

const Card = memo(function Card({ task, shown, onOpen, canDrag }: { task: Task; shown: boolean; onOpen: (task: Task) => void; canDrag: boolean }) {
  const t = useWords(['tasks', 'common']);
  const { attributes, listeners, setNodeRef, isDragging } = useDraggable({ id: task.id, data: { task }, disabled: !canDrag });
  const { role: _role, ...described } = attributes;
  return (
    <button
      ref={setNodeRef}
      type="button"
      data-row={task.id}
      {...described}
      aria-roledescription={t('board.card')}
      aria-disabled={undefined}
      aria-current={shown || undefined}
      onClick={() => onOpen(task)}
      {...listeners}
      className={cn('h-full w-full touch-manipulation rounded-md text-left', isDragging && 'opacity-40')}
    >
      <CardFace task={task} shown={shown} />
    </button>
  );
});

function CardFace({ task, shown = false, lifted = false }: { task: Task; shown?: boolean; lifted?: boolean }) {
  const say = useDeadlineWords();
  return (
    <span className={cn('flex h-full flex-col justify-between gap-1 rounded-md border border-border bg-surface p-2.5 shadow-card', shown && 'border-primary bg-selected', lifted && 'h-23 rotate-1 cursor-grabbing shadow-pop')}>
      <bdi className="line-clamp-2 text-sm leading-snug font-medium">{task.title}</bdi>
      <span className="flex items-center gap-1.5 overflow-hidden">
        <PrioritySign priority={task.priority} />
        <span className="text-2xs text-muted tabular-nums">#{task.id}</span>
        <CategoryChip category={task.category} />
        {task.due_at ? <span className="truncate text-2xs text-muted">{say(task.due_at).day}</span> : null}
        <LinkMark task={task} />
        {task.assignee ? <Avatar name={task.assignee} size="sm" className="ml-auto" /> : null}
      </span>
    </span>
  );
}
