import { useQuery } from '@tanstack/react-query';
import { Columns3, List, ListChecks, Plus, SearchX } from 'lucide-react';
import { Suspense, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { Page } from '@/components/page';
import { ChangeButton } from '@/components/guarded';
import { ErrorState, LoadingBlock, State } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { statsQuery } from '@/data/insight';
import { parseTaskFilter } from '@/data/tasks/filter';
import { TaskDialog } from '@/data/tasks/task-dialog';
import type { Task } from '@/lib/api';
import { useChoice, useFocusAfter } from '@/lib/choice';
import { cn } from '@/lib/cn';
import { part } from '@/lib/part';
import { setPreference, usePreference } from '@/lib/preferences';
import { useShortcuts } from '@/lib/shortcuts';
import { STATUSES } from '@/lib/task-values';
import { oneOf, useUrlFilter } from '@/lib/url-state';
import { useCanChange } from '@/live/live';

import { LANE_FIELDS, ListChooser } from './columns';
import { clearedFilter, TaskFilters } from './filters';
import { TaskList, type TaskListHandle } from './task-list';
import { closedKeys, useGroups } from './use-groups';

/** Drag and drop is of no use to who works in the list. */
const TaskBoard = part(async () => (await import('./task-board')).TaskBoard);

const LaneChooser = part(async () => (await import('./choices')).LaneChooser);
const LaneBoard = part(async () => (await import('./lane-board')).LaneBoard);

const BulkBar = part(async () => (await import('./bulk-bar')).BulkBar);
const TaskPeek = part(async () => (await import('./task-peek')).TaskPeek);

const NONE: ReadonlySet<string> = new Set();
const VIEWS = ['list', 'board'] as const;
type View = (typeof VIEWS)[number];

export function TasksPage() {
  const { t } = useTranslation(['tasks', 'common']);
  const canChange = useCanChange();
  const [filter, change] = useUrlFilter(parseTaskFilter);
  const [parameters, setParameters] = useSearchParams();
  const preferred = usePreference('tasksView');
  const closedText = usePreference('closedGroups');
  const closed = useMemo(() => closedKeys(closedText, filter), [closedText, filter]);
  const groupBy = usePreference('groupTasksBy');
  const lanes = oneOf(parameters.get('lanes'), LANE_FIELDS);
  // A link shows what its sender saw, lanes on the board.
  const view = oneOf(parameters.get('view'), VIEWS) ?? (lanes ? 'board' : preferred);
  const inList = view === 'list';
  const { groups, ...known } = useGroups(inList ? { filter, field: groupBy, closed, many: groupBy === 'assignee' || groupBy === 'chat_id' } : { filter, field: lanes ?? 'status', closed: NONE, many: lanes !== undefined });
  const { data: stats } = useQuery(statsQuery);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<TaskListHandle>(null);
  const board = useRef<HTMLDivElement>(null);
  const [byKey, setByKey] = useState(false);
  const choice = useChoice<number>();
  // One that leaves the lists leaves the choice.
  const chosen = groups.flatMap((group) => group.tasks).filter((task) => choice.keys.has(task.id));

  const shownId = Number(parameters.get('task')) || null;
  useFocusAfter(chosen.length > 0, () => list.current?.focus());
  useFocusAfter(shownId !== null, () => list.current?.focus());

  const creating = parameters.get('new') === '1';
  const setParameter = (name: 'task' | 'new' | 'lanes' | 'view', value: string | null, replace: boolean) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        // The board stays where its lanes are put away.
        if (name === 'lanes' && !value) after.set('view', 'board');
        return after;
      },
      { replace },
    );
  const show = (which: View) => {
    setPreference('tasksView', which);
    setParameter('view', which, true);
  };
  const open = (task: Task) => setParameter('task', String(task.id), shownId !== null);
  const focusRow = (id: number | null) => {
    if (view === 'list') list.current?.focus();
    else requestAnimationFrame(() => board.current && focusCard(board.current, id));
  };
  const close = () => {
    setByKey(false);
    setParameter('task', null, false);
    focusRow(shownId);
  };
  const toggleGroup = (key: string) => {
    const next = new Set(closedText.split(',').filter(Boolean));
    if (!next.delete(key)) next.add(key);
    setPreference('closedGroups', [...next].join(','));
  };

  useShortcuts(t('title'), [
    { keys: 'c', label: t('create.title'), run: () => canChange && setParameter('new', '1', false) },
    { keys: '/', label: t('search'), run: () => search.current?.focus() },
    { keys: 'v', label: t('keys.view'), run: () => show(inList ? 'board' : 'list') },
    ...(inList
      ? [
          { keys: 'j', label: t('keys.next'), run: () => list.current?.move(1) },
          { keys: 'k', label: t('keys.previous'), run: () => list.current?.move(-1) },
          {
            keys: 'o',
            label: t('keys.open'),
            run: () => {
              setByKey(true);
              list.current?.open();
            },
          },
          { keys: 'x', label: t('keys.select'), run: () => list.current?.toggle(false) },
          { keys: 'shift+x', label: t('keys.range'), run: () => list.current?.toggle(true) },
          { keys: 's', label: t('keys.status'), run: () => list.current?.edit('status') },
          { keys: 'p', label: t('keys.priority'), run: () => list.current?.edit('priority') },
          { keys: 'a', label: t('keys.assignee'), run: () => list.current?.edit('assignee') },
          { keys: 'd', label: t('keys.due'), run: () => list.current?.edit('due_at') },
        ]
      : [
          { keys: 'j', label: t('keys.nextCard'), run: () => board.current && moveCard(board.current, 1) },
          { keys: 'k', label: t('keys.previousCard'), run: () => board.current && moveCard(board.current, -1) },
        ]),
    {
      keys: 'Escape',
      label: t('keys.close'),
      run: () => {
        if (shownId !== null) close();
        else choice.clear();
      },
    },
  ]);

  const filtered = Object.keys(filter).length > 0;
  const settled = !known.isPending && !known.error && groups.every((group) => closed.has(group.key) || (!group.isPending && !group.error));
  const nothing = settled && groups.every((group) => group.tasks.length === 0 && (filtered || group.count === 0));
  return (
    <Page
      fixed
      title={t('title')}
      aside={<ViewSwitch view={view} onChange={show} />}
      actions={
        <ChangeButton variant="primary" onClick={() => setParameter('new', '1', false)}>
          <Plus aria-hidden />
          {t('create.title')}
        </ChangeButton>
      }
    >
      <div className="relative flex min-h-0 flex-1">
        <div ref={board} className={cn('relative flex min-w-0 flex-1 flex-col bg-surface', shownId !== null && 'max-lg:invisible')}>
          <TaskFilters filter={filter} change={change} search={search}>
            {inList ? (
              <ListChooser />
            ) : (
              <Suspense fallback={null}>
                <LaneChooser lanes={lanes} onChange={(field) => setParameter('lanes', field ?? null, true)} />
              </Suspense>
            )}
          </TaskFilters>
          {nothing && filtered && stats?.total !== 0 ? (
            <State icon={SearchX} title={t('noMatch.title')} text={t('noMatch.text')} actions={<Button onClick={() => change(clearedFilter())}>{t('common:filters.clearAll')}</Button>} className="flex-1" />
          ) : nothing ? (
            <State
              icon={ListChecks}
              title={t('nothing.title')}
              text={t('nothing.text')}
              actions={<ChangeButton onClick={() => setParameter('new', '1', false)}>{t('create.title')}</ChangeButton>}
              className="flex-1"
            />
          ) : known.error ? (
            <ErrorState error={known.error} retry={known.retry} />
          ) : known.isPending ? (
            <LoadingBlock />
          ) : inList ? (
            <TaskList ref={list} groups={groups} closed={closed} onToggleGroup={toggleGroup} selection={choice.keys} onSelect={choice.toggle} shownId={shownId} onOpen={open} follow={shownId !== null} />
          ) : (
            <Suspense fallback={<LoadingBlock />}>
              {lanes ? <LaneBoard lanes={groups} statuses={filter.status ? [filter.status] : STATUSES} shownId={shownId} onOpen={open} /> : <TaskBoard groups={groups} shownId={shownId} onOpen={open} />}
            </Suspense>
          )}
          {chosen.length > 0 ? (
            <Suspense fallback={null}>
              <BulkBar tasks={chosen} onClear={choice.clear} />
            </Suspense>
          ) : null}
        </div>
        {shownId !== null ? (
          <Suspense fallback={<LoadingBlock className="lg:w-[28rem]" />}>
            <TaskPeek id={shownId} onClose={close} takeFocus={byKey} fieldKeys={!inList} />
          </Suspense>
        ) : null}
      </div>
      <TaskDialog open={creating} onOpenChange={(isOpen) => !isOpen && setParameter('new', null, true)} />
    </Page>
  );
}

function ViewSwitch({ view, onChange }: { view: View; onChange: (view: View) => void }) {
  const { t } = useTranslation('tasks');
  return (
    <div role="group" aria-label={t('view.label')} className="flex rounded-md border border-border bg-sunken p-0.5">
      {VIEWS.map((each) => {
        const Icon = each === 'list' ? List : Columns3;
        return (
          <Tooltip key={each} label={t(`view.${each}`)} keys="v">
            <button
              type="button"
              aria-pressed={view === each}
              onClick={() => onChange(each)}
              className="inline-flex h-6.5 items-center gap-1.5 rounded-sm px-2 text-xs text-muted touch-target aria-pressed:bg-surface aria-pressed:font-medium aria-pressed:text-foreground aria-pressed:shadow-card"
            >
              <Icon className="size-3.5" aria-hidden />
              <span className="max-sm:sr-only">{t(`view.${each}`)}</span>
            </button>
          </Tooltip>
        );
      })}
    </div>
  );
}

const cardsOf = (board: HTMLElement) => [...board.querySelectorAll<HTMLElement>('[data-row]')];

/** To the card of a task; to the first where it is not drawn, so that the keys go on from the board. */
function focusCard(board: HTMLElement, id: number | null): void {
  const cards = cardsOf(board);
  (cards.find((card) => card.dataset.row === String(id)) ?? cards[0])?.focus();
}

/** Moves the focus to the next card of the board, or the one before; to the first where it is on none. */
function moveCard(board: HTMLElement, by: 1 | -1): void {
  const cards = cardsOf(board);
  const at = cards.findIndex((card) => card === document.activeElement);
  cards[at < 0 ? 0 : at + by]?.focus();
}
