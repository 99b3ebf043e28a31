import { useDroppable } from '@dnd-kit/core';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { use, useCallback, useEffect, useRef, useState } from 'react';

import { Labelled, statusLook } from '@/components/chips';
import { ErrorState } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { NOBODY } from '@/data/tasks/filter';
import { useWords } from '@/i18n/words';
import type { Task, TaskStatus, TaskUpdate } from '@/lib/api';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { useCanChange } from '@/live/live';

import { Card, CARD } from './board-card';
import { Dragged, Moves, type Place } from './board-moves';
import { GroupName, useGroupWords } from './group-name';
import type { Group } from './use-groups';

interface LaneBoardProps {
  /** Those without tasks are left out. */
  lanes: readonly Group[];
  statuses: readonly TaskStatus[];
  shownId: number | null;
  onOpen: (task: Task) => void;
}

/**
 * The board cut into lanes by another field: a column is a status, a lane what its tasks share, and a card dropped there gets both. Nobody
 * can change where a task came from: by chat, a card goes from column to column of its own lane.
 */
export function LaneBoard({ lanes, statuses, shownId, onOpen }: LaneBoardProps) {
  const t = useWords(['tasks', 'common']);
  const canDrag = useCanChange();
  const scroller = useRef<HTMLDivElement>(null);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const open = useRef(onOpen);
  useEffect(() => {
    open.current = onOpen;
  });
  const openTask = useCallback((task: Task) => open.current(task), []);
  const toggle = (key: string) => {
    const next = new Set(closed);
    if (!next.delete(key)) next.add(key);
    setClosed(next);
  };
  const columns = { gridTemplateColumns: `repeat(${statuses.length}, minmax(13rem, 1fr))` };
  return (
    <Moves instructions={t(lanes[0]?.field === 'chat_id' ? 'lanes.instructionsOwn' : 'lanes.instructions')}>
      <div ref={scroller} className="relative min-h-0 flex-1 overflow-auto" role="group" aria-label={t('board.label')} tabIndex={-1}>
        <div className="min-w-fit px-4 pb-4">
          <div className="sticky top-0 z-10 grid gap-3 bg-surface py-2" style={columns} aria-hidden>
            {statuses.map((status) => (
              <span key={status} className="px-2 text-xs font-semibold">
                <Labelled look={statusLook[status]} text={t(`common:status.${status}`)} />
              </span>
            ))}
          </div>
          {lanes.map((lane) => (
            <Lane key={lane.key} lane={lane} statuses={statuses} columns={columns} closed={closed.has(lane.key)} onToggle={toggle} shownId={shownId} onOpen={openTask} canDrag={canDrag} scroller={scroller} />
          ))}
        </div>
      </div>
    </Moves>
  );
}

interface LaneProps {
  lane: Group;
  statuses: readonly TaskStatus[];
  columns: { gridTemplateColumns: string };
  closed: boolean;
  onToggle: (key: string) => void;
  shownId: number | null;
  onOpen: (task: Task) => void;
  canDrag: boolean;
  scroller: { current: HTMLElement | null };
}

function Lane({ lane, statuses, columns, closed, onToggle, shownId, onOpen, canDrag, scroller }: LaneProps) {
  const t = useWords(['tasks', 'common']);
  const language = useLanguage();
  const words = useGroupWords();
  const section = useRef<HTMLElement>(null);
  const wanted = lane.isPending && lane.hasMore && !closed;
  const { loadMore } = lane;
  const load = useRef(loadMore);
  useEffect(() => {
    load.current = loadMore;
  });
  // Asked for once it is near.
  useEffect(() => {
    if (!wanted || !section.current) return;
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting && load.current(), { root: scroller.current, rootMargin: '400px' });
    watch.observe(section.current);
    return () => watch.disconnect();
  }, [wanted, scroller]);
  const Chevron = closed ? ChevronRight : ChevronDown;
  const name = words(lane);
  return (
    <section ref={section} aria-label={name} className="border-t border-border pt-1 pb-2">
      <button type="button" aria-expanded={!closed} onClick={() => onToggle(lane.key)} className="sticky left-4 flex h-8 items-center gap-2 rounded-sm text-xs font-semibold touch-target">
        <Chevron className="size-3.5 text-muted" aria-hidden />
        <GroupName group={lane} /> <span className="font-normal text-muted tabular-nums">{formatNumber(lane.count, language)}</span>
      </button>
      {closed ? null : lane.error ? (
        <ErrorState error={lane.error} retry={lane.retry} />
      ) : (
        <>
          <div className="grid gap-3" style={columns}>
            {statuses.map((status) => (
              <Cell
                key={status}
                id={`${lane.key} ${status}`}
                place={{ name: t('lanes.place', { lane: name, status: t(`common:status.${status}`) }), patch: { status, ...patchOf(lane) } }}
                own={lane.field === 'chat_id' ? lane.value : undefined}
                tasks={lane.tasks.filter((task) => task.status === status)}
                shownId={shownId}
                onOpen={onOpen}
                canDrag={canDrag}
              />
            ))}
          </div>
          {lane.hasMore && !lane.isPending ? (
            <Button size="sm" className="sticky left-4 mt-2" disabled={lane.isLoadingMore} onClick={lane.loadMore}>
              {lane.isLoadingMore ? t('common:states.loading') : t('lanes.more', { count: lane.count - lane.tasks.length })}
            </Button>
          ) : null}
        </>
      )}
    </section>
  );
}

/** What makes a task one of the lane. */
function patchOf({ field, value }: Group): TaskUpdate {
  if (field === 'chat_id') return {};
  return { [field]: field === 'assignee' && value === NOBODY ? null : value };
}

/** As many cards of a cell are drawn at first, and at each asking for more. */
const SHOWN = 20;

interface CellProps {
  id: string;
  place: Place;
  /** The chat whose tasks alone it takes. */
  own: string | undefined;
  tasks: readonly Task[];
  shownId: number | null;
  onOpen: (task: Task) => void;
  canDrag: boolean;
}

function Cell({ id, place, own, tasks, shownId, onOpen, canDrag }: CellProps) {
  const t = useWords('tasks');
  const [most, setMost] = useState(SHOWN);
  const dragged = use(Dragged);
  const closed = own !== undefined && dragged !== null && (dragged.chat_id ?? NOBODY) !== own;
  const { setNodeRef, isOver } = useDroppable({ id, data: place, disabled: closed });
  return (
    <ul
      ref={setNodeRef}
      aria-label={place.name}
      style={{ minHeight: CARD + 16 }}
      aria-disabled={closed || undefined}
      className={cn('space-y-2 rounded-lg bg-sunken p-2 ring-1 ring-border transition-shadow ring-inset forced-colors:outline', closed && 'cursor-not-allowed opacity-40', isOver && 'bg-primary-soft ring-2 ring-primary forced-colors:outline-4')}
    >
      {tasks.slice(0, most).map((task) => (
        <li key={task.id} style={{ height: CARD }}>
          <Card task={task} shown={task.id === shownId} onOpen={onOpen} canDrag={canDrag} />
        </li>
      ))}
      {tasks.length > most ? (
        <li>
          <Button size="sm" variant="ghost" onClick={() => setMost(most + SHOWN)}>
            {t('lanes.more', { count: tasks.length - most })}
          </Button>
        </li>
      ) : null}
    </ul>
  );
}
