import { useQuery } from '@tanstack/react-query';
import { ListFilter } from 'lucide-react';
import { Suspense, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { FilterBar, FilterChips, SearchField, type ActiveFilter } from '@/components/filter-bar';
import { SavedViews } from '@/components/saved-views';
import { LoadingBlock } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { messageFiltersQuery } from '@/data/messages/queries';
import { DAYS, DUES, NOBODY, type TaskFilter } from '@/data/tasks/filter';
import { taskCountsQuery } from '@/data/tasks/queries';
import { formatDay } from '@/lib/format';
import { part } from '@/lib/part';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';

const FilterChoice = part(async () => (await import('@/components/filter-field')).FilterChoice);
const FilterAssignee = part(async () => (await import('./filter-fields')).FilterAssignee);
const FilterChat = part(async () => (await import('./filter-fields')).FilterChat);
const FilterDay = part(async () => (await import('@/components/filter-field')).FilterDay);

type Field = keyof TaskFilter;
type Day = (typeof DAYS)[number];
const isDay = (field: Field): field is Day => DAYS.some((day) => day === field);
const FIELDS = ['q', 'status', 'priority', 'category', 'source', 'assignee', 'chat_id', 'due', ...DAYS] as const satisfies Field[];
/** Makers of tasks that are no sources of messages. */
const OWN_SOURCES = ['dashboard', 'analysis'];

interface FiltersProps {
  filter: TaskFilter;
  change: (changes: { [K in Field]?: string | undefined }, options?: { replace?: boolean }) => void;
  search: Ref<HTMLInputElement>;
  /** What else belongs to the view that is shown. */
  children?: ReactNode;
}

export function TaskFilters({ filter, change, search, children }: FiltersProps) {
  const { t } = useTranslation(['tasks', 'common']);
  const language = useLanguage();
  const { data: named } = useQuery({ ...taskCountsQuery('chat_id', { chat_id: filter.chat_id ?? '' }), enabled: filter.chat_id !== undefined && filter.chat_id !== NOBODY });
  const word = (field: Field, value: string): string => {
    if (field === 'status') return t(`common:status.${value as 'open'}`);
    if (field === 'priority') return t(`common:priority.${value as 'low'}`);
    if (field === 'category') return t(`common:category.${value as 'bug'}`);
    if (field === 'due') return t(`due.${value as 'week'}`);
    if (field === 'assignee' && value === NOBODY) return t('nobody');
    if (field === 'chat_id') return value === NOBODY ? t('noChat') : (named?.[0]?.name ?? value);
    return isDay(field) ? formatDay(new Date(`${value}T12:00:00`), language) : value;
  };
  const name = (field: Field): string => {
    if (isDay(field)) return t(`days.${field}`);
    if (field === 'status' || field === 'priority' || field === 'category') return t(`common:${field}.label`);
    return t(`fields.${field === 'due' ? 'due_at' : field}`);
  };
  const chips: ActiveFilter[] = FIELDS.filter((field) => filter[field]).map((field) => ({ key: field, name: name(field), value: word(field, filter[field] ?? '') }));
  const { data } = useQuery(messageFiltersQuery);
  const sources = [...new Set([...(data?.sources ?? []), ...OWN_SOURCES, ...(filter.source ? [filter.source] : [])])];
  const choices: Record<Exclude<Field, 'q' | 'assignee' | 'chat_id' | Day>, readonly string[]> = { status: STATUSES, priority: PRIORITIES, category: CATEGORIES, source: sources, due: DUES };
  return (
    <FilterBar chips={<FilterChips filters={chips} onRemove={(key) => change({ [key]: undefined })} onClear={() => change(clearedFilter())} />}>
      <SearchField ref={search} value={filter.q ?? ''} label={t('search')} onChange={(q, history) => change({ q }, history)} className="w-72 max-sm:w-auto max-sm:min-w-36 max-sm:flex-1" />
      <Popover>
        <PopoverTrigger asChild>
          <Button>
            <ListFilter aria-hidden />
            {t('common:filters.add')}
          </Button>
        </PopoverTrigger>
        <PopoverContent className="w-72 space-y-3 p-4" aria-label={t('common:filters.label')}>
          <Suspense fallback={<LoadingBlock />}>
            {(['status', 'priority', 'category', 'source', 'due'] as const).map((field) => (
              <FilterChoice key={field} label={name(field)} value={filter[field]} choices={choices[field].map((value) => [value, word(field, value)])} onChange={(value) => change({ [field]: value })} />
            ))}
            <FilterChat value={filter.chat_id} onChange={(chat_id) => change({ chat_id })} />
            <FilterAssignee value={filter.assignee} onChange={(assignee) => change({ assignee })} />
            <div className="grid grid-cols-2 gap-2">
              {DAYS.map((field) => (
                <FilterDay key={field} label={name(field)} value={filter[field]} onChange={(value) => change({ [field]: value })} />
              ))}
            </div>
          </Suspense>
        </PopoverContent>
      </Popover>
      <SavedViews page="tasks" />
      {children}
    </FilterBar>
  );
}

export function clearedFilter(): Record<Field, undefined> {
  return Object.fromEntries(FIELDS.map((field) => [field, undefined])) as Record<Field, undefined>;
}
