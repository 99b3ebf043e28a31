import {
  DndContext,
  DragOverlay,
  KeyboardSensor,
  MouseSensor,
  TouchSensor,
  useSensor,
  useSensors,
  type Announcements,
  type ClientRect,
  type KeyboardCoordinateGetter,
} from '@dnd-kit/core';
import { createContext, useRef, useState, type ReactNode } from 'react';

import { useChangeTasks } from '@/data/tasks/mutations';
import { useWords } from '@/i18n/words';
import type { Task, TaskUpdate } from '@/lib/api';

import { CardFace, Followed } from './board-card';

/** What a place of the board is called, and what a task becomes that is dropped there: the data of its useDroppable. */
export interface Place {
  name: string;
  patch: TaskUpdate;
}

/** The card that is being moved, for places that do not take every card. */
export const Dragged = createContext<Task | null>(null);

const STEPS: Record<string, { along: 'left' | 'top'; across: 'left' | 'top'; by: 1 | -1 }> = {
  ArrowRight: { along: 'left', across: 'top', by: 1 },
  ArrowLeft: { along: 'left', across: 'top', by: -1 },
  ArrowDown: { along: 'top', across: 'left', by: 1 },
  ArrowUp: { along: 'top', across: 'left', by: -1 },
};

/** In move mode the arrows go to the place beside, above or below. */
const betweenPlaces: KeyboardCoordinateGetter = (event, { context: { droppableRects, over, collisionRect } }) => {
  const step = STEPS[event.code];
  if (!step || !collisionRect) return undefined;
  event.preventDefault();
  const { along, across, by } = step;
  // Right after it was picked up it is over nothing yet.
  const from = (over && droppableRects.get(over.id)) ?? [...droppableRects.values()].find((rect) => covers(rect, collisionRect));
  if (!from) return undefined;
  const gap = (rect: ClientRect) => (rect[along] - from[along]) * by;
  const [next] = [...droppableRects.values()].filter((rect) => Math.abs(rect[across] - from[across]) < 2 && gap(rect) > 1).sort((a, b) => gap(a) - gap(b));
  if (!next) return undefined;
  return { x: next.left + (next.width - collisionRect.width) / 2, y: along === 'left' ? collisionRect.top : next.top + GRIP };
};

/** Whether the middle of the one is in the other. */
function covers(rect: ClientRect, { left, top, width, height }: ClientRect): boolean {
  const [x, y] = [left + width / 2, top + height / 2];
  return x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;
}

/** How far below the edge of a place a card is held. */
const GRIP = 8;

const stays = (task: Task, patch: TaskUpdate) => (Object.keys(patch) as (keyof TaskUpdate)[]).every((field) => task[field] === patch[field]);

/** Cards inside can be dragged from place to place, by hand and by key, which is told to screen readers. */
export function Moves({ instructions, children }: { instructions: string; children: ReactNode }) {
  const t = useWords('tasks');
  const change = useChangeTasks();
  const [dragged, setDragged] = useState<Task | null>(null);
  const [edge, setEdge] = useState('');
  const followed = useRef<number | null>(null);
  const coordinateGetter: KeyboardCoordinateGetter = (event, of) => {
    const to = betweenPlaces(event, of);
    if (STEPS[event.code]) setEdge(to ? '' : t('board.edge'));
    return to;
  };
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 250, tolerance: 8 } }),
    useSensor(KeyboardSensor, { coordinateGetter, keyboardCodes: { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter'] } }),
  );
  const taskOf = (of: { data: { current?: unknown } }) => (of.data.current as { task: Task }).task;
  const placeOf = (of: { data: { current?: unknown } }) => of.data.current as Place;
  // A card that was picked up is over its own place at once; saying so would cut off that it was picked up.
  const moved = useRef(false);
  const announcements: Announcements = {
    onDragStart: ({ active }) => {
      moved.current = false;
      return t('board.picked', { title: taskOf(active).title });
    },
    onDragOver: ({ active, over }) => {
      if (!over) return undefined;
      const { name, patch } = placeOf(over);
      moved.current ||= !stays(taskOf(active), patch);
      return moved.current ? t('board.over', { place: name }) : undefined;
    },
    onDragEnd: ({ active, over }) => (over ? t('board.dropped', { title: taskOf(active).title, place: placeOf(over).name }) : t('board.cancelled')),
    onDragCancel: () => t('board.cancelled'),
  };
  return (
    <DndContext
      sensors={sensors}
      accessibility={{ announcements, screenReaderInstructions: { draggable: instructions } }}
      onDragStart={({ active }) => {
        setEdge('');
        setDragged(taskOf(active));
      }}
      onDragCancel={() => setDragged(null)}
      onDragEnd={({ over, activatorEvent }) => {
        setDragged(null);
        followed.current = activatorEvent instanceof KeyboardEvent && dragged ? dragged.id : null;
        if (dragged && over && !stays(dragged, placeOf(over).patch)) void change([dragged], placeOf(over).patch);
      }}
    >
      <Followed value={followed}>
        <Dragged value={dragged}>{children}</Dragged>
      </Followed>
      <p role="status" className="sr-only">
        {edge}
      </p>
      <DragOverlay dropAnimation={null}>{dragged ? <CardFace task={dragged} lifted /> : null}</DragOverlay>
    </DndContext>
  );
}
