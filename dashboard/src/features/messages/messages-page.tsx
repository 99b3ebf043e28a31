import { useQuery, useQueryClient } from '@tanstack/react-query';
import { MessageSquareText } from 'lucide-react';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Page } from '@/components/page';
import { ErrorState, LoadingBlock, LoadingRows, State } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Kbd } from '@/components/ui/kbd';
import { useMessageActs, type Said } from '@/data/messages/acts';
import { parseMessageFilter } from '@/data/messages/filter';
import { messageFiltersQuery, messageKey, useMessageFeed } from '@/data/messages/queries';
import { TaskDialog } from '@/data/tasks/task-dialog';
import type { Message } from '@/lib/api';
import { useChoice, useFocusAfter } from '@/lib/choice';
import { cn } from '@/lib/cn';
import { formatNumber } from '@/lib/format';
import { part } from '@/lib/part';
import { useShortcuts } from '@/lib/shortcuts';
import { useUrlFilter } from '@/lib/url-state';
import { useCanChange } from '@/live/live';

import { Empty } from './empty';
import { clearedFilter, MessageFilters } from './filters';
import { MessageList, type ListHandle } from './message-list';
import { mainFirst, taskFromMessages } from './task-from-message';
import { useOpened } from './use-opened';

const MessageDetail = part(async () => (await import('./message-detail')).MessageDetail);
const BulkBar = part(async () => (await import('./bulk-bar')).BulkBar);
const AttachDialog = part(async () => (await import('./attach-dialog')).AttachDialog);

export function MessagesPage() {
  const { t } = useTranslation(['messages', 'common']);
  const language = useLanguage();
  const cache = useQueryClient();
  const canChange = useCanChange();
  const [filter, change] = useUrlFilter(parseMessageFilter);
  const { feed, state } = useMessageFeed(cache, filter);
  const { data: totals } = useQuery(messageFiltersQuery);
  const [opened, open, close] = useOpened(feed, state.version);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<ListHandle>(null);

  const choice = useChoice<string>();
  // One that leaves the list leaves the choice.
  const chosen = choice.keys.size === 0 ? [] : state.keys.filter((key) => choice.keys.has(key)).flatMap((key) => feed.row(key)?.message ?? []);
  const acts = useMessageActs();
  const [busy, setBusy] = useState(false);
  const [making, setMaking] = useState<readonly Message[] | null>(null);
  const [attaching, setAttaching] = useState<readonly Message[] | null>(null);
  const attached = useRef(false);
  attached.current ||= attaching !== null;

  /** What a key acts on: the chosen ones, else the one that has the focus or is shown. */
  const meant = (): readonly Message[] => {
    if (chosen.length > 0) return chosen;
    const one = list.current?.current() ?? opened.message;
    return one && one.id > 0 ? [one] : [];
  };
  const free = (messages: readonly Message[]) => canChange && messages.length > 0 && messages.every(({ task_id }) => task_id === null);
  const ended = (failed: readonly Message[]) => {
    setBusy(false);
    if (chosen.length > 0) choice.set(failed.map(messageKey));
  };
  const say = (messages: readonly Message[], said: Said) => {
    if (!canChange || messages.length === 0) return;
    setBusy(true);
    void acts.say(messages, said).then(ended);
  };
  const make = (messages: readonly Message[]) => free(messages) && setMaking(mainFirst(messages));
  const attach = (messages: readonly Message[]) => free(messages) && setAttaching(messages);
  const detail = useRef<HTMLDivElement>(null);
  /** From within what is shown, which goes with the place that has the focus: it is in what comes. */
  const goingOn = useRef(false);
  const goOn = (id: number) => {
    goingOn.current = true;
    open({ id, key: null });
  };
  useEffect(() => {
    if (goingOn.current && document.activeElement === document.body) detail.current?.focus();
    goingOn.current = false;
  }, [opened.id]);
  const leave = () => {
    close();
    list.current?.focus();
  };
  useFocusAfter(chosen.length > 0 || making !== null || attaching !== null, () => list.current?.focus());
  const shown = opened.id !== null || opened.message !== null;
  useFocusAfter(shown, () => list.current?.focus()); // on a narrow screen the list is hidden until then
  useShortcuts(t('title'), [
    { keys: 'j', label: t('keys.next'), run: () => list.current?.move(1) },
    { keys: 'k', label: t('keys.previous'), run: () => list.current?.move(-1) },
    { keys: '/', label: t('search'), run: () => search.current?.focus() },
    { keys: 'x', label: t('keys.choose'), run: () => list.current?.choose(false) },
    { keys: 'shift+x', label: t('keys.range'), run: () => list.current?.choose(true) },
    { keys: 'shift+j', label: t('keys.chooseNext'), run: () => list.current?.extend(1) },
    { keys: 'shift+k', label: t('keys.choosePrevious'), run: () => list.current?.extend(-1) },
    { keys: 'mod+a', label: t('keys.all'), run: () => list.current?.all() },
    { keys: 't', label: t('makeTask'), run: () => make(meant()) },
    { keys: 'm', label: t('attach.open'), run: () => attach(meant()) },
    { keys: 'n', label: t('keys.noise'), run: () => say(meant(), { is_issue: false }) },
    { keys: 'Escape', label: t('keys.close'), run: () => (shown ? leave() : choice.clear()) },
  ]);

  const filtered = Object.keys(filter).length > 0;
  return (
    <Page
      fixed
      title={t('title')}
      aside={totals && totals.total_messages > 0 ? <span className="text-xs text-muted tabular-nums">{t('total', { count: totals.total_messages, shown: formatNumber(totals.total_messages, language) })}</span> : null}
    >
      <div className="relative flex min-h-0 flex-1">
        <div className={cn('flex min-w-0 flex-1 flex-col border-border bg-surface lg:max-w-[40%] lg:min-w-88 lg:border-r', shown && 'max-lg:hidden')}>
          <MessageFilters filter={filter} change={change} search={search} />
          {state.status === 'loading' && state.keys.length === 0 ? (
            <LoadingRows rows={14} className="min-h-0 flex-1" />
          ) : state.status === 'error' ? (
            <ErrorState error={state.error} retry={() => void feed.load()} className="min-h-0 flex-1" />
          ) : state.keys.length === 0 ? (
            <Empty filtered={filtered} onClear={() => change(clearedFilter())} />
          ) : (
            <MessageList ref={list} feed={feed} state={state} selectedKey={opened.key} onSelect={(row) => open({ id: row.message.id || null, key: row.key })} choice={choice} />
          )}
        </div>
        <div ref={detail} tabIndex={-1} className={cn('min-w-0 flex-1 outline-none', !shown && 'max-lg:hidden')}>
          {shown ? (
            <Suspense fallback={<LoadingBlock />}>
              <MessageDetail key={opened.key ?? opened.id} known={opened.message} id={opened.id} onClose={leave} onMakeTask={(message) => make([message])} onAttach={(message) => attach([message])} onOpen={goOn} />
            </Suspense>
          ) : (
            <State icon={MessageSquareText} title={t('none.title')} text={<Hint />} className="h-full" />
          )}
        </div>
        {chosen.length > 0 ? (
          <div className={cn('contents', shown && 'max-lg:hidden')}>
            <Suspense fallback={null}>
              <BulkBar
                messages={chosen}
                loaded={state.keys.length}
                busy={busy}
                onSay={(said) => say(chosen, said)}
                onMake={() => make(chosen)}
                onAttach={() => attach(chosen)}
                onAll={() => list.current?.all()}
                onClear={choice.clear}
              />
            </Suspense>
          </div>
        ) : null}
      </div>
      <TaskDialog
        key={making?.[0]?.id}
        open={making !== null}
        onOpenChange={(isOpen) => !isOpen && setMaking(null)}
        initial={making ? taskFromMessages(making, t) : undefined}
        onCreated={() => choice.clear()}
        onUndo={making ? (task) => void acts.unmake(making, task) : undefined}
      />
      {attached.current ? (
        <Suspense fallback={null}>
          <AttachDialog messages={attaching} attach={(messages, task) => acts.attach(messages, task).then(ended)} onClose={() => setAttaching(null)} />
        </Suspense>
      ) : null}
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
