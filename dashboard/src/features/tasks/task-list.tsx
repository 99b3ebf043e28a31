import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { useChangeTasks } from '@/data/tasks/mutations';
import type { Task, TaskUpdate } from '@/lib/api';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { useMedia, useRowHeight } from '@/lib/preferences';
import { useCanChange } from '@/live/live';

import { useHiddenColumns } from './columns';
import { GroupName } from './group-name';
import { TaskRow, type RowField } from './task-row';
import type { Group } from './use-groups';

type Item =
  | { kind: 'head'; key: string; group: Group }
  | { kind: 'task'; key: string; task: Task }
  | { kind: 'note'; key: string; group: Group };

export interface TaskListHandle {
  move: (by: number) => void;
  focus: () => void;
  open: () => void;
  toggle: (range: boolean) => void;
  edit: (field: RowField) => void;
}

interface ListProps {
  groups: readonly Group[];
  closed: ReadonlySet<string>;
  onToggleGroup: (key: string) => void;
  selection: ReadonlySet<number>;
  onSelect: (ids: readonly number[], range: boolean, order: readonly number[]) => void;
  shownId: number | null;
  onOpen: (task: Task) => void;
  /** The peek was open when the reader moved on: it follows. */
  follow: boolean;
  ref?: Ref<TaskListHandle>;
}

export function TaskList({ groups, closed, onToggleGroup, selection, onSelect, shownId, onOpen, follow, ref }: ListProps) {
  const { t } = useTranslation(['tasks', 'common']);
  const height = useRowHeight();
  const hidden = useHiddenColumns();
  const canChange = useCanChange();
  const changeTasks = useChangeTasks();
  const scroller = useRef<HTMLDivElement>(null);
  const [currentId, setCurrentId] = useState<number | null>(null);
  const [field, setField] = useState<{ id: number; field: RowField } | null>(null);

  const items = useMemo(() => flatten(groups, closed), [groups, closed]);
  const heads = useMemo(() => items.flatMap((item, i) => (item.kind === 'head' ? [i] : [])), [items]);
  const headHeight = useMedia('(pointer: coarse)') ? 44 : 36;
  const stuck = useRef(0);
  const virtualizer = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => (items[index]?.kind === 'head' ? headHeight : height),
    // The same function while the items are the same: with another one the places of all are worked out anew.
    getItemKey: useCallback((index: number) => items[index]?.key ?? index, [items]),
    overscan: 10,
    initialRect: { width: 1000, height: 800 },
    rangeExtractor: useCallback(
      (range: Range) => {
        // The head of the group at the top stays drawn, so that it can stick.
        stuck.current = heads.findLast((index) => index <= range.startIndex) ?? 0;
        return [...new Set([stuck.current, ...defaultRangeExtractor(range)])].sort((a, b) => a - b);
      },
      [heads],
    ),
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height, headHeight, heads]);

  const drawn = virtualizer.getVirtualItems();
  useEffect(() => {
    for (const { index } of drawn) {
      const item = items[index];
      if (item?.kind === 'note' && item.group.hasMore && !item.group.isLoadingMore && !item.group.error) item.group.loadMore();
    }
  }, [drawn, items]);

  const tasks = useMemo(() => items.flatMap((item) => (item.kind === 'task' ? [item.task] : [])), [items]);
  const at = Math.max(0, tasks.findIndex((task) => task.id === (currentId ?? shownId)));
  const current = tasks[at];
  // A menu that opens meanwhile must not lose the focus to the row.
  const focusing = useRef(0);
  const focusTask = (task: Task) => {
    const turn = ++focusing.current;
    setCurrentId(task.id);
    const index = items.findIndex((item) => item.kind === 'task' && item.task.id === task.id);
    virtualizer.scrollToIndex(index, { align: 'auto' });
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        if (turn !== focusing.current) return;
        const row = scroller.current?.querySelector<HTMLElement>(`[data-row="${task.id}"]`);
        row?.focus({ preventScroll: true });
        // Under the head that sticks it would be hidden.
        const top = row && scroller.current ? row.getBoundingClientRect().top - scroller.current.getBoundingClientRect().top : headHeight;
        if (top < headHeight) scroller.current?.scrollBy({ top: top - headHeight });
      }),
    );
  };
  const latest = useRef({ tasks, items, onSelect, onOpen, focusTask });
  useEffect(() => {
    latest.current = { tasks, items, onSelect, onOpen, focusTask };
  });
  useImperativeHandle(ref, () => ({
    move: (by) => {
      const next = currentId === null && shownId === null ? tasks[0] : tasks[Math.min(tasks.length - 1, Math.max(0, at + by))];
      if (!next) return;
      focusTask(next);
      if (follow) onOpen(next);
    },
    focus: () => current && focusTask(current),
    open: () => current && onOpen(current),
    toggle: (range) => current && onSelect([current.id], range, tasks.map((task) => task.id)),
    edit: (name) => {
      focusing.current++;
      if (current && canChange) setField({ id: current.id, field: name });
    },
  }));

  const open = useCallback((task: Task) => {
    setCurrentId(task.id);
    latest.current.onOpen(task);
  }, []);
  const select = useCallback((task: Task, range: boolean) => {
    setCurrentId(task.id);
    latest.current.onSelect([task.id], range, latest.current.tasks.map((each) => each.id));
  }, []);
  const refocus = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(refocus.current), []);
  const change = useCallback(
    (task: Task, patch: TaskUpdate) => {
      const place = latest.current.tasks.findIndex((each) => each.id === task.id);
      void changeTasks([task], patch);
      // A task that went to another group takes the focus along, out of sight: it goes to the one that took its place.
      clearTimeout(refocus.current);
      refocus.current = setTimeout(() => {
        const next = latest.current.tasks[Math.min(place, latest.current.tasks.length - 1)];
        if (document.activeElement === document.body && next) latest.current.focusTask(next);
      }, 100);
    },
    [changeTasks],
  );
  const openField = useCallback((task: Task, name: RowField | null) => setField(name ? { id: task.id, field: name } : null), []);

  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto overscroll-contain">
      <ul aria-label={t('list')} className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {drawn.map(({ index, key, size, start }) => {
          const item = items[index];
          if (!item) return null;
          const sticks = item.kind === 'head' && index === stuck.current;
          return (
            <li
              key={key}
              className={cn('inset-x-0 top-0', sticks ? 'sticky z-10' : 'absolute', item.kind === 'head' && 'z-10')}
              style={{ height: size, transform: sticks ? 'none' : `translateY(${start}px)` }}
            >
              {item.kind === 'head' ? (
                <GroupHead group={item.group} closed={closed.has(item.group.key)} onToggle={onToggleGroup} />
              ) : item.kind === 'note' ? (
                <GroupNote group={item.group} />
              ) : (
                <TaskRow
                  task={item.task}
                  selected={selection.has(item.task.id)}
                  current={item.task.id === current?.id}
                  shown={item.task.id === shownId}
                  narrow={shownId !== null}
                  hidden={hidden}
                  canChange={canChange}
                  openField={field?.id === item.task.id ? field.field : null}
                  onOpenField={openField}
                  onOpen={open}
                  onSelect={select}
                  onChange={change}
                />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

function flatten(groups: readonly Group[], closed: ReadonlySet<string>): Item[] {
  const items: Item[] = [];
  for (const group of groups) {
    items.push({ kind: 'head', key: group.key, group });
    if (closed.has(group.key)) continue;
    for (const task of group.tasks) items.push({ kind: 'task', key: String(task.id), task });
    if (group.tasks.length === 0 || group.hasMore) items.push({ kind: 'note', key: `${group.key}-note`, group });
  }
  return items;
}

function GroupHead({ group, closed, onToggle }: { group: Group; closed: boolean; onToggle: (key: string) => void }) {
  const { key, count, exact, isPending, error } = group;
  const { t } = useTranslation(['tasks', 'common']);
  const language = useLanguage();
  const Chevron = closed ? ChevronRight : ChevronDown;
  return (
    <button
      type="button"
      aria-expanded={!closed}
      onClick={() => onToggle(key)}
      className="flex h-full w-full items-center gap-2 border-b border-border bg-sunken px-4 text-left text-xs font-semibold focus-visible:-outline-offset-2"
    >
      <Chevron className="size-3.5 text-muted" aria-hidden />
      <GroupName group={group} />{' '}
      {exact || count > 0 || !(isPending || error) ? <span className="font-normal text-muted tabular-nums">{exact ? formatNumber(count, language) : t('atLeast', { count, shown: formatNumber(count, language) })}</span> : null}
    </button>
  );
}

/** Below a group's tasks: that there are none, that more come, that they could not be loaded. */
function GroupNote({ group }: { group: Group }) {
  const { t } = useTranslation(['tasks', 'common']);
  const text = useErrorText();
  return (
    <div className="flex h-full items-center gap-3 border-b border-border/60 px-10 text-xs text-muted" role={group.error ? 'alert' : undefined}>
      {group.error ? (
        <>
          {text(group.error)}
          <Button size="sm" onClick={group.retry}>
            {t('common:actions.retry')}
          </Button>
        </>
      ) : group.isPending || group.hasMore ? (
        t('common:states.loading')
      ) : (
        t('noneHere')
      )}
    </div>
  );
}
