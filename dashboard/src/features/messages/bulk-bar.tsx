import { CircleSlash, ListPlus, Paperclip, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Button } from '@/components/ui/button';
import { MOST_AT_ONCE, type Said } from '@/data/messages/acts';
import type { Message } from '@/lib/api';
import { KINDS, type Kind } from '@/lib/task-values';
import { useCanChange } from '@/live/live';

interface BarProps {
  messages: readonly Message[];
  /** How many the list has loaded. */
  loaded: number;
  busy: boolean;
  onSay: (said: Said) => void;
  onMake: () => void;
  onAttach: () => void;
  onAll: () => void;
  onClear: () => void;
}

/** What can be done with all the chosen messages at once: what the server would refuse is off, and why is said. */
export function BulkBar({ messages, loaded, busy, onSay, onMake, onAttach, onAll, onClear }: BarProps) {
  const { t } = useTranslation(['messages', 'common']);
  const canChange = useCanChange();
  const led = messages.filter(({ task_id }) => task_id !== null).length;
  const why = led > 0 ? t('bulk.led', { count: led }) : messages.length > MOST_AT_ONCE ? t('bulk.tooMany', { most: MOST_AT_ONCE }) : null;
  return (
    <div role="toolbar" aria-label={t('bulk.label')} className="absolute inset-x-0 bottom-4 z-20 mx-auto flex w-fit max-w-[calc(100%-1rem)] animate-slide-in-bottom flex-col gap-1.5 rounded-xl bg-raised p-2 shadow-pop">
      <div className="flex flex-wrap items-center gap-1.5">
        <span className="px-2 text-xs font-medium tabular-nums" role="status">
          {t('bulk.count', { count: messages.length })}
        </span>
        <div className="flex gap-1.5 max-lg:order-last max-lg:grid max-lg:w-full max-lg:grid-cols-2">
          <ChangeButton disabled={busy} aria-keyshortcuts="n" onClick={() => onSay({ is_issue: false })}>
            <CircleSlash aria-hidden />
            {t('nothingToDo')}
          </ChangeButton>
          <select
            aria-label={t('bulk.say')}
            value=""
            disabled={busy || !canChange}
            onChange={(event) => onSay({ is_issue: true, category: event.target.value as Kind })}
            className="h-8 rounded-md border border-border-strong/60 bg-surface px-2 text-sm font-medium disabled:opacity-50 coarse:h-11"
          >
            <option value="" disabled>
              {t('bulk.say')}
            </option>
            {KINDS.map((kind) => (
              <option key={kind} value={kind}>
                {t(`common:category.${kind}`)}
              </option>
            ))}
          </select>
          <ChangeButton disabled={busy || why !== null} aria-keyshortcuts="t" onClick={onMake}>
            <ListPlus aria-hidden />
            {t('bulk.make', { count: messages.length })}
          </ChangeButton>
          <ChangeButton disabled={busy || led > 0} aria-keyshortcuts="m" onClick={onAttach}>
            <Paperclip aria-hidden />
            {t('attach.open')}
          </ChangeButton>
        </div>
        {messages.length < loaded ? (
          <Button variant="ghost" onClick={onAll}>
            {t('bulk.all', { count: loaded })}
          </Button>
        ) : null}
        <Button variant="ghost" size="icon" className="ml-auto" aria-label={t('bulk.clear')} onClick={onClear}>
          <X aria-hidden />
        </Button>
      </div>
      {why ? <p className="text-center text-xs text-muted">{why}</p> : null}
    </div>
  );
}
