import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { FilterChoice, FilterDay, FilterField } from '@/components/filter-field';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { Switch } from '@/components/ui/switch';
import { STAGES, type MessageFilter } from '@/data/messages/filter';
import { messageFiltersQuery } from '@/data/messages/queries';
import { setPreference, usePreference } from '@/lib/preferences';

import { useChats } from './use-chats';

export type Change = (changes: { [K in keyof MessageFilter]?: string | undefined }, options?: { replace?: boolean }) => void;

/** More authors than this are typed, not chosen: the field suggests them. */
const SUGGESTED = 200;

/** What the filter popover holds; loaded when it is first opened. */
export function FilterFields({ filter, change }: { filter: MessageFilter; change: Change }) {
  const { t } = useTranslation(['messages', 'common']);
  const { data } = useQuery(messageFiltersQuery);
  const chats = useChats();
  const folding = usePreference('foldThreads');
  const authors = useId();
  const fold = useId();
  const sources = [...new Set([...(data?.sources ?? []), ...(filter.source ? [filter.source] : [])])];
  if (filter.chat_id && !chats.has(filter.chat_id)) chats.set(filter.chat_id, filter.chat_id);
  return (
    <>
      <FilterField label={t('fields.author')}>
        {(id) => (
          <>
            <Input id={id} list={authors} key={filter.author ?? ''} defaultValue={filter.author ?? ''} autoComplete="off" onBlur={(event) => change({ author: event.target.value.trim() })} onKeyDown={(event) => event.key === 'Enter' && change({ author: event.currentTarget.value.trim() })} />
            <datalist id={authors}>
              {(data?.authors ?? []).slice(0, SUGGESTED).map((author) => (
                <option key={author} value={author} />
              ))}
            </datalist>
          </>
        )}
      </FilterField>
      <FilterChoice label={t('fields.chat_id')} value={filter.chat_id} choices={[...chats]} onChange={(chat_id) => change({ chat_id })} />
      <FilterChoice
        label={t('fields.classification')}
        value={filter.classification}
        choices={(['issue', 'other', 'unclassified'] as const).map((value) => [value, t(`classification.${value}`)])}
        onChange={(classification) => change({ classification })}
      />
      <FilterChoice label={t('fields.reached')} value={filter.reached} choices={STAGES.map((value) => [value, t(`reached.${value}`)])} onChange={(reached) => change({ reached })} />
      <FilterChoice label={t('fields.source')} value={filter.source} choices={sources.map((s) => [s, s])} onChange={(source) => change({ source })} />
      <div className="grid grid-cols-2 gap-2">
        {(['date_from', 'date_to'] as const).map((field) => (
          <FilterDay key={field} label={t(`fields.${field}`)} value={filter[field]} onChange={(day) => change({ [field]: day })} />
        ))}
      </div>
      <div className="flex items-center justify-between border-t border-border pt-3">
        <Label htmlFor={fold}>{t('foldTopics')}</Label>
        <Switch id={fold} checked={folding} onCheckedChange={(on) => setPreference('foldThreads', on)} />
      </div>
    </>
  );
}
