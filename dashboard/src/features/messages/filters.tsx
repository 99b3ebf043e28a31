import { ListFilter } from 'lucide-react';
import { memo, Suspense, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { FilterBar, FilterChips, SearchField, type ActiveFilter } from '@/components/filter-bar';
import { SavedViews } from '@/components/saved-views';
import { LoadingBlock } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import type { MessageFilter } from '@/data/messages/filter';
import { formatClock, formatDay } from '@/lib/format';
import { part } from '@/lib/part';

import type { Change } from './filter-fields';
import { useChats } from './use-chats';

const FilterFields = part(async () => (await import('./filter-fields')).FilterFields);

const FIELDS = ['q', 'author', 'source', 'chat_id', 'classification', 'reached', 'date_from', 'date_to', 'sent_from', 'sent_before'] as const satisfies (keyof MessageFilter)[];

interface FiltersProps {
  filter: MessageFilter;
  change: Change;
  search: Ref<HTMLInputElement>;
}

export const MessageFilters = memo(function MessageFilters({ filter, change, search }: FiltersProps) {
  const { t } = useTranslation(['messages', 'common']);
  const chips = useChips(filter);
  const clear = () => change(Object.fromEntries(FIELDS.map((field) => [field, undefined])));
  return (
    <FilterBar chips={<FilterChips filters={chips} onRemove={(key) => change({ [key]: undefined })} onClear={clear} />}>
      <SearchField ref={search} value={filter.q ?? ''} label={t('search')} onChange={(q, history) => change({ q }, history)} className="min-w-32 flex-1" />
      <Popover>
        <PopoverTrigger asChild>
          <Button>
            <ListFilter aria-hidden />
            {t('common:filters.add')}
          </Button>
        </PopoverTrigger>
        <PopoverContent align="end" className="w-80 space-y-3 p-4" aria-label={t('common:filters.label')}>
          <Suspense fallback={<LoadingBlock />}>
            <FilterFields filter={filter} change={change} />
          </Suspense>
        </PopoverContent>
      </Popover>
      <SavedViews page="messages" />
    </FilterBar>
  );
});

export function clearedFilter(): Record<string, undefined> {
  return Object.fromEntries(FIELDS.map((field) => [field, undefined]));
}

function useChips(filter: MessageFilter): ActiveFilter[] {
  const { t } = useTranslation(['messages', 'common']);
  const language = useLanguage();
  const chats = useChats();
  return FIELDS.filter((field) => filter[field]).map((field) => {
    const value = filter[field] ?? '';
    const shown =
      field === 'classification'
        ? t(`classification.${value as 'issue'}`)
        : field === 'reached'
        ? t(`reached.${value as 'done'}`)
        : field === 'date_from' || field === 'date_to'
          ? formatDay(new Date(`${value}T12:00:00`), language)
          : field === 'sent_from' || field === 'sent_before'
          ? `${formatDay(new Date(value), language)}, ${formatClock(new Date(value), language)}`
          : field === 'chat_id'
            ? (chats.get(value) ?? value)
            : value;
    return { key: field, name: t(`fields.${field}`), value: shown };
  });
}
