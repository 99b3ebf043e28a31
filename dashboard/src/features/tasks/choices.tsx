import { Rows3 } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { GROUP_FIELDS, setPreference, usePreference, type GroupField } from '@/lib/preferences';

import { COLUMNS, LANE_FIELDS, useHiddenColumns, type Column, type LaneField } from './columns';

const choice = 'flex min-h-8 cursor-pointer items-center gap-2 rounded-md px-1 text-sm touch-target hover:bg-hover';
const legend = 'mb-1 text-xs font-semibold text-muted';

/** What a field is called where something is sorted by it. */
function useFieldName(): (field: GroupField) => string {
  const { t } = useTranslation(['tasks', 'common']);
  return (field) => (field === 'assignee' || field === 'chat_id' ? t(`fields.${field}`) : field === 'due' ? t('columns.due') : t(`common:${field}.label`));
}

function Radios<T extends string | undefined>({ values, value, name, onChange }: { values: readonly T[]; value: T; name: (value: T) => string; onChange: (value: T) => void }) {
  const id = useId();
  return values.map((each) => (
    <label key={each ?? ''} className={choice}>
      <input type="radio" name={id} className="size-4 accent-primary" checked={value === each} onChange={() => onChange(each)} />
      {name(each)}
    </label>
  ));
}

/** What the popover of ListChooser holds. */
export function ListChoices() {
  const { t } = useTranslation(['tasks', 'common']);
  const hidden = useHiddenColumns();
  const groupBy = usePreference('groupTasksBy');
  const fieldName = useFieldName();
  const toggle = (column: Column) => setPreference('hiddenColumns', COLUMNS.filter((each) => (each === column ? !hidden.has(each) : hidden.has(each))).join(','));
  return (
    <>
      <fieldset className="sm:mb-3">
        <legend className={legend}>{t('columns.groupBy')}</legend>
        <Radios values={GROUP_FIELDS} value={groupBy} name={fieldName} onChange={(field) => setPreference('groupTasksBy', field)} />
      </fieldset>
      {/* On a phone a row has the columns that it always has. */}
      <fieldset className="max-sm:hidden">
        <legend className={legend}>{t('columns.shown')}</legend>
        {COLUMNS.map((column) => (
          <label key={column} className={choice}>
            <Checkbox checked={!hidden.has(column)} onCheckedChange={() => toggle(column)} />
            {column === 'id' ? t('columns.id') : column === 'category' ? t('common:category.label') : t(`fields.${column}`)}
          </label>
        ))}
      </fieldset>
    </>
  );
}

/** Chooses the lanes of the board, in the address. */
export function LaneChooser({ lanes, onChange }: { lanes: LaneField | undefined; onChange: (lanes: LaneField | undefined) => void }) {
  const { t } = useTranslation('tasks');
  const fieldName = useFieldName();
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <Rows3 aria-hidden />
          <span className="max-sm:sr-only">{lanes ? t('lanes.chosen', { field: fieldName(lanes) }) : t('lanes.label')}</span>
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-56" aria-label={t('lanes.label')}>
        <fieldset>
          <legend className={legend}>{t('lanes.by')}</legend>
          <Radios values={[undefined, ...LANE_FIELDS]} value={lanes} name={(field) => (field ? fieldName(field) : t('lanes.none'))} onChange={onChange} />
        </fieldset>
      </PopoverContent>
    </Popover>
  );
}
