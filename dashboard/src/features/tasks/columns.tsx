import { SlidersHorizontal } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { setPreference, usePreference, type GroupField } from '@/lib/preferences';

/** What a row of the list shows beside its title, priority and status, from left to right, where there is room. */
export const COLUMNS = ['id', 'labels', 'category', 'assignee', 'due_at', 'source', 'created_at'] as const;
export type Column = (typeof COLUMNS)[number];

export function useHiddenColumns(): ReadonlySet<Column> {
  const stored = usePreference('hiddenColumns');
  return useMemo(() => new Set(COLUMNS.filter((column) => stored.split(',').includes(column))), [stored]);
}

const GROUP_FIELDS: readonly GroupField[] = ['status', 'priority', 'category'];

/** Chooses what the list is grouped by and its columns, for this browser. */
export function ListChooser() {
  const { t } = useTranslation(['tasks', 'common']);
  const hidden = useHiddenColumns();
  const groupBy = usePreference('groupTasksBy');
  const toggle = (column: Column) => setPreference('hiddenColumns', COLUMNS.filter((each) => (each === column ? !hidden.has(each) : hidden.has(each))).join(','));
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <SlidersHorizontal aria-hidden />
          {t('columns.open')}
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-56" aria-label={t('columns.open')}>
        <fieldset className="mb-3">
          <legend className="mb-1 text-xs font-semibold text-muted">{t('columns.groupBy')}</legend>
          {GROUP_FIELDS.map((field) => (
            <label key={field} className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-1 text-sm touch-target hover:bg-hover">
              <input type="radio" name="groupBy" className="size-4 accent-primary" checked={groupBy === field} onChange={() => setPreference('groupTasksBy', field)} />
              {t(`common:${field}.label`)}
            </label>
          ))}
        </fieldset>
        <fieldset>
          <legend className="mb-1 text-xs font-semibold text-muted">{t('columns.shown')}</legend>
          {COLUMNS.map((column) => (
            <label key={column} className="flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-1 text-sm touch-target hover:bg-hover">
              <Checkbox checked={!hidden.has(column)} onCheckedChange={() => toggle(column)} />
              {column === 'id' ? t('columns.id') : column === 'category' ? t('common:category.label') : t(`fields.${column}`)}
            </label>
          ))}
        </fieldset>
      </PopoverContent>
    </Popover>
  );
}
