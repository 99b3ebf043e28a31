import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowUp } from 'lucide-react';
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import type { FeedState, MessageFeed, Row } from '@/data/messages/feed';
import type { Message } from '@/lib/api';
import type { Choice } from '@/lib/choice';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { useMedia, usePreference, useRowHeight } from '@/lib/preferences';

import { fold, rowsOf, runName, type Line } from './fold';
import { MessageLine } from './message-line';

export interface ListHandle {
  /** Moves to the next (1) or previous (-1) line and says which message that is. */
  move: (by: number) => void;
  focus: () => void;
  /** The message of the line that has the focus. */
  current: () => Message | null;
  /** Takes that line into the choice or out, or all from the last one chosen to it. */
  choose: (range: boolean) => void;
  /** Moves, and chooses what lies between. */
  extend: (by: number) => void;
  /** Chooses all that are loaded. */
  all: () => void;
}

interface ListProps {
  feed: MessageFeed;
  state: FeedState;
  selectedKey: string | null;
  onSelect: (row: Row) => void;
  choice: Choice<string>;
  ref?: Ref<ListHandle>;
}

/** Rows have two lines, which need more than the density's row: the comfortable one, and the least that holds them. */
const TALL = 56;
const LOW = 42;

export function MessageList({ feed, state, selectedKey, onSelect, choice, ref }: ListProps) {
  const { t } = useTranslation(['messages', 'common']);
  const folding = usePreference('foldThreads');
  const rowHeight = useRowHeight();
  const narrow = useMedia('(max-width: 639px)');
  const tall = narrow || rowHeight > 44;
  const height = tall ? TALL : Math.max(LOW, rowHeight);
  const scroller = useRef<HTMLDivElement>(null);
  const [unfolded, setUnfolded] = useState<ReadonlySet<string>>(new Set());
  const [focusedKey, setFocusedKey] = useState<string | null>(null);

  // `state.version` grows with every change of a row, whose contents the keys do not show.
  const rows = useMemo(() => state.keys.map((key) => feed.row(key)).filter((row) => row !== undefined), [feed, state.keys, state.version]);
  const lines = useMemo(() => fold(rows, folding, unfolded), [rows, folding, unfolded]);

  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    // The same function while the lines are the same: with another one the places of all lines are worked out anew.
    getItemKey: useCallback((index: number) => lines[index]?.key ?? index, [lines]),
    overscan: 8,
    initialRect: { width: 400, height: 800 },
  });
  useEffect(() => virtualizer.measure(), [virtualizer, height]);

  // The list begins at its top again where the filter is another one.
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
    feed.follow(true);
    return () => feed.follow(true);
  }, [feed]);

  const items = virtualizer.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const nearEnd = lines.length > 0 && lastShown >= lines.length - 15;
  useEffect(() => {
    if (nearEnd && state.more === 'idle') void feed.loadMore();
  }, [feed, nearEnd, state.more]);

  const latest = useRef({ lines, rows, onSelect, choice });
  useEffect(() => {
    latest.current = { lines, rows, onSelect, choice };
  });
  const select = useCallback((key: string) => {
    const line = latest.current.lines[indexOf(latest.current.lines, key)];
    if (!line) return;
    setFocusedKey(line.key);
    latest.current.onSelect(line.row);
  }, []);
  const choose = useCallback((key: string, range: boolean) => {
    const now = latest.current;
    const index = indexOf(now.lines, key);
    const order = now.rows.filter(({ message }) => message.id > 0).map(({ key }) => key);
    const picked = rowsOf(now.lines, now.rows, index).filter(({ message }) => message.id > 0).map(({ key }) => key);
    if (picked.length > 0) now.choice.toggle(picked, range, order);
  }, []);
  const toggle = useCallback((key: string) => {
    const name = runName(latest.current.lines, latest.current.rows, indexOf(latest.current.lines, key));
    setUnfolded((before) => {
      const after = new Set(before);
      if (!after.delete(name)) after.add(name);
      return after;
    });
  }, []);

  const currentKey = focusedKey ?? selectedKey;
  const currentIndex = useMemo(() => (currentKey === null ? -1 : lines.findIndex((line) => line.key === currentKey || line.row.key === currentKey)), [lines, currentKey]);
  const known = currentIndex >= 0;
  const at = Math.max(0, currentIndex);
  const focusLine = (index: number) => {
    virtualizer.scrollToIndex(index, { align: 'auto' });
    // The line may not be drawn yet.
    requestAnimationFrame(() => requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] [data-line]`)?.focus({ preventScroll: true })));
  };
  const keyAt = (index: number) => lines[index]?.key ?? '';
  const move = (by: number) => {
    const index = known ? Math.min(lines.length - 1, Math.max(0, at + by)) : 0;
    select(keyAt(index));
    focusLine(index);
    return index;
  };
  useImperativeHandle(ref, () => ({
    move: (by) => void move(by),
    focus: () => focusLine(at),
    current: () => (known ? (lines[at]?.row.message ?? null) : null),
    choose: (range) => choose(keyAt(at), range),
    extend: (by) => {
      if (known && !rowsOf(lines, rows, at).every(({ key }) => choice.keys.has(key))) choose(keyAt(at), false);
      choose(keyAt(move(by)), true);
    },
    all: () => choice.set(rows.filter(({ message }) => message.id > 0).map(({ key }) => key)),
  }));

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        data-list="messages"
        onScroll={(event) => feed.follow(event.currentTarget.scrollTop < height / 2)}
        className={cn('h-full overflow-y-auto overscroll-contain [overflow-anchor:none]', choice.keys.size > 0 && 'pb-28')}
      >
        <ul aria-label={t('list')} className="relative" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const line = lines[item.index];
            if (!line) return null;
            return (
              <li
                key={item.key}
                aria-setsize={state.more === 'none' ? lines.length : -1}
                aria-posinset={item.index + 1}
                data-index={item.index}
                className="absolute inset-x-0 top-0 contain-strict"
                style={{ height: item.size, transform: `translateY(${item.start}px)` }}
              >
                <MessageLine
                  line={line}
                  t={t}
                  selected={line.row.key === selectedKey}
                  current={item.index === at}
                  chosen={choice.keys.size > 0 && rowsOf(lines, rows, item.index).every(({ key }) => choice.keys.has(key))}
                  tall={tall}
                  onSelect={select}
                  onChoose={choose}
                  onFold={toggle}
                />
              </li>
            );
          })}
        </ul>
        <ListEnd feed={feed} state={state} />
      </div>
      <Waiting
        count={state.waiting}
        onReveal={() => {
          feed.reveal();
          scroller.current?.scrollTo({ top: 0 });
        }}
      />
    </div>
  );
}

const indexOf = (lines: readonly Line[], key: string) => lines.findIndex((line) => line.key === key);

function Waiting({ count, onReveal }: { count: number; onReveal: () => void }) {
  const { t } = useTranslation('messages');
  const language = useLanguage();
  if (count === 0) return null;
  return (
    <button
      type="button"
      onClick={onReveal}
      className="absolute top-2 left-1/2 z-10 inline-flex h-7 -translate-x-1/2 animate-pop-in items-center gap-1.5 rounded-full bg-primary px-3 text-xs font-medium text-primary-foreground shadow-pop touch-target hover:bg-primary-hover"
    >
      <ArrowUp className="size-3.5" aria-hidden />
      {t('waiting', { count, shown: formatNumber(count, language) })}
    </button>
  );
}

function ListEnd({ feed, state }: { feed: MessageFeed; state: FeedState }) {
  const { t } = useTranslation(['messages', 'common']);
  const text = useErrorText();
  if (state.more === 'loading') return <p className="p-3 text-center text-xs text-muted">{t('common:states.loading')}</p>;
  if (state.more === 'error') {
    return (
      <div role="alert" className="flex items-center justify-center gap-3 p-3 text-xs text-muted">
        {text(state.error)}
        <Button size="sm" onClick={() => void feed.loadMore()}>
          {t('common:actions.retry')}
        </Button>
      </div>
    );
  }
  if (state.more === 'none' && state.keys.length > 20) return <p className="p-3 text-center text-xs text-muted">{t('end')}</p>;
  return null;
}
