import { useDraggable } from '@dnd-kit/core';
import { createContext, memo, use, useEffect, type RefObject } from 'react';

import { Avatar } from '@/components/avatar';
import { CategoryChip, PrioritySign } from '@/components/chips';
import { useDeadlineWords } from '@/data/deadlines';
import { useWords } from '@/i18n/words';
import type { Task } from '@/lib/api';
import { cn } from '@/lib/cn';

import { LinkMark } from './link-mark';

/** Its height in pixels, and the gap below it. */
export const CARD = 92;
export const GAP = 8;

/** The task that was moved last by key, if it was: the focus goes with its card. */
export const Followed = createContext<RefObject<number | null>>({ current: null });

/** A task on the board, to be opened or moved. */
export const Card = memo(function Card({ task, shown, onOpen, canDrag }: { task: Task; shown: boolean; onOpen: (task: Task) => void; canDrag: boolean }) {
  const t = useWords(['tasks', 'common']);
  const { attributes, listeners, setNodeRef, node, isDragging } = useDraggable({ id: task.id, data: { task }, disabled: !canDrag });
  const { role: _role, ...described } = attributes;
  const followed = use(Followed);
  // In another column it is another element: the one that had the focus is gone.
  useEffect(() => {
    if (followed.current === task.id && document.activeElement === document.body) node.current?.focus();
  }, [followed, node, task.id]);
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

export function CardFace({ task, shown = false, lifted = false }: { task: Task; shown?: boolean; lifted?: boolean }) {
  const say = useDeadlineWords();
  return (
    <span className={cn('flex h-full flex-col justify-between gap-1 rounded-md border border-border bg-surface p-2.5 shadow-card', shown && 'border-primary bg-selected', lifted && 'h-23 rotate-1 cursor-grabbing shadow-pop')}>
      <bdi className="line-clamp-2 text-sm leading-snug font-medium">{task.title}</bdi>
      <span className="flex items-center gap-1.5 overflow-hidden">
        <PrioritySign priority={task.priority} />
        <span className="shrink-0 text-2xs text-muted tabular-nums">#{task.id}</span>
        {/* Where there is little room its sign remains. */}
        <CategoryChip category={task.category} className="min-w-5 shrink overflow-hidden [&_svg]:shrink-0" />
        {task.due_at ? <span className="shrink-0 text-2xs text-muted">{say(task.due_at).day}</span> : null}
        <LinkMark task={task} />
        {task.assignee ? <Avatar name={task.assignee} size="sm" className="ml-auto shrink-0" /> : null}
      </span>
    </span>
  );
}
