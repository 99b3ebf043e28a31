import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Inbox, MessageSquareText, Plug, SearchX } from 'lucide-react';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';

import { Page } from '@/components/page';
import { EmptyState, ErrorState, LoadingBlock, LoadingRows } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Kbd } from '@/components/ui/kbd';
import type { Row } from '@/data/messages/feed';
import { parseMessageFilter } from '@/data/messages/filter';
import { feedsOf, messageFiltersQuery, useMessageFeed } from '@/data/messages/queries';
import { settingsQuery } from '@/data/settings';
import { TaskDialog } from '@/data/tasks/task-dialog';
import type { Message } from '@/lib/api';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { part } from '@/lib/part';
import { useShortcuts } from '@/lib/shortcuts';
import { useUrlFilter } from '@/lib/url-state';
import { useCanChange } from '@/live/live';

import { clearedFilter, MessageFilters } from './filters';
import { MessageList, type ListHandle } from './message-list';
import { taskFromMessage } from './task-from-message';

const MessageDetail = part(async () => (await import('./message-detail')).MessageDetail);

export function MessagesPage() {
  const { t } = useTranslation(['messages', 'common']);
  const language = useLanguage();
  const cache = useQueryClient();
  const canChange = useCanChange();
  const [filter, change] = useUrlFilter(parseMessageFilter);
  const { feed, state } = useMessageFeed(cache, filter);
  const { data: totals } = useQuery(messageFiltersQuery);
  const [selected, select, close] = useSelection(feed, state.version);
  const [making, setMaking] = useState<Message | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<ListHandle>(null);

  const open = (id: number) => select({ id, key: null });
  const leave = () => {
    close();
    list.current?.focus();
  };
  useShortcuts(t('title'), [
    { keys: 'j', label: t('keys.next'), run: () => list.current?.move(1) },
    { keys: 'k', label: t('keys.previous'), run: () => list.current?.move(-1) },
    { keys: '/', label: t('search'), run: () => search.current?.focus() },
    { keys: 't', label: t('makeTask'), run: () => selected.message && selected.message.task_id === null && canChange && setMaking(selected.message) },
    { keys: 'Escape', label: t('keys.close'), run: leave },
  ]);

  const chosen = selected.id !== null || selected.message !== null;
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page
      fixed
      title={t('title')}
      aside={totals && totals.total_messages > 0 ? <span className="text-xs text-muted tabular-nums">{t('total', { count: totals.total_messages, shown: formatNumber(totals.total_messages, language) })}</span> : null}
    >
      <div className="flex min-h-0 flex-1">
        <div className={cn('flex min-w-0 flex-1 flex-col border-border bg-surface lg:max-w-[40%] lg:min-w-88 lg:border-r', chosen && 'max-lg:hidden')}>
          <MessageFilters filter={filter} change={change} search={search} />
          {state.status === 'loading' && state.keys.length === 0 ? (
            <LoadingRows rows={14} className="min-h-0 flex-1" />
          ) : state.status === 'error' ? (
            <ErrorState error={state.error} retry={() => void feed.load()} className="min-h-0 flex-1" />
          ) : state.keys.length === 0 ? (
            <Empty filtered={filtered} onClear={() => change(clearedFilter())} />
          ) : (
            <MessageList ref={list} feed={feed} state={state} selectedKey={selected.key} onSelect={(row) => select({ id: row.message.id || null, key: row.key })} />
          )}
        </div>
        <div className={cn('min-w-0 flex-1', !chosen && 'max-lg:hidden')}>
          {chosen ? (
            <Suspense fallback={<LoadingBlock />}>
              <MessageDetail key={selected.key ?? selected.id} known={selected.message} id={selected.id} onClose={leave} onMakeTask={setMaking} onOpen={open} />
            </Suspense>
          ) : (
            <EmptyState icon={MessageSquareText} title={t('none.title')} text={<Hint />} className="h-full" />
          )}
        </div>
      </div>
      <TaskDialog key={making?.id} open={making !== null} onOpenChange={(isOpen) => !isOpen && setMaking(null)} initial={making ? taskFromMessage(making) : undefined} />
    </Page>
  );
}

function Hint() {
  const { t } = useTranslation('messages');
  return (
    <span className="inline-flex flex-wrap items-center justify-center gap-1.5">
      {t('none.text')}
      <span className="inline-flex gap-1">
        <Kbd keys="j" />
        <Kbd keys="k" />
      </span>
    </span>
  );
}

interface Selection {
  id: number | null;
  key: string | null;
  message: Message | null;
}

/**
 * The chosen message: its id in the address once it has one, its key from the moment it arrives.
 */
function useSelection(feed: { row: (key: string) => Row | undefined; state: () => { keys: readonly string[] } }, version: number) {
  const cache = useQueryClient();
  const [parameters, setParameters] = useSearchParams();
  const [key, setKey] = useState<string | null>(null);
  const inAddress = Number(parameters.get('id')) || null;
  const row = key ? feed.row(key) : undefined;
  const keyFits = row && (row.message.id === inAddress || (row.message.id === 0 && inAddress === null) || (row.message.id > 0 && inAddress === null));
  const message = keyFits ? row.message : inAddress ? (feedsOf(cache).find(inAddress) ?? null) : null;
  const foundKey = message ? (keyFits ? key : (feed.state().keys.find((k) => feed.row(k)?.message.id === message.id) ?? null)) : null;

  const setId = (id: number | null, replace: boolean) =>
    setParameters(
      (before) => {
        const after = new URLSearchParams(before);
        if (id) after.set('id', String(id));
        else after.delete('id');
        return after;
      },
      { replace },
    );
  // One that was chosen before it was stored gets its place in the address once it is.
  const stored = keyFits && row.message.id > 0 && inAddress === null ? row.message.id : null;
  useEffect(() => {
    if (stored) setId(stored, true);
  }, [stored, version]);

  const select = (to: { id: number | null; key: string | null }) => {
    setKey(to.key);
    setId(to.id, inAddress !== null);
  };
  const close = () => {
    setKey(null);
    setId(null, false);
  };
  const selection: Selection = { id: message?.id || inAddress, key: foundKey, message };
  return [selection, select, close] as const;
}

/** Tells apart: nothing matches, no bot yet, a bot and nothing heard. */
function Empty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useTranslation(['messages', 'common']);
  const { data: settings } = useQuery(settingsQuery);
  const { data: totals } = useQuery(messageFiltersQuery);
  if (filtered && totals?.total_messages !== 0) {
    return <EmptyState icon={SearchX} title={t('noMatch.title')} text={t('noMatch.text')} actions={<Button onClick={onClear}>{t('common:filters.clearAll')}</Button>} className="flex-1" />;
  }
  if (settings && settings.telegram.bot_token === '') {
    return (
      <EmptyState
        icon={Plug}
        title={t('notConnected.title')}
        text={t('notConnected.text')}
        actions={
          <Button asChild variant="primary">
            <Link to="/settings">{t('notConnected.action')}</Link>
          </Button>
        }
        className="flex-1"
      />
    );
  }
  return <EmptyState icon={Inbox} title={t('nothing.title')} text={t('nothing.text')} className="flex-1" />;
}
