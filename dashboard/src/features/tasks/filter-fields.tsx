import { useQuery } from '@tanstack/react-query';
import { CircleUserRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { FilterChoice, FilterField } from '@/components/filter-field';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { NOBODY } from '@/data/tasks/filter';
import { taskCountsQuery } from '@/data/tasks/queries';

/** The chat that it came from: those that tasks came from, the most tasks first. */
export function FilterChat({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const { t } = useTranslation('tasks');
  const { data = [] } = useQuery(taskCountsQuery('chat_id', {}));
  const choices = data.map(({ value: id, name }): [string, string] => [id, id === NOBODY ? t('noChat') : (name ?? id)]);
  if (value && !choices.some(([id]) => id === value)) choices.push([value, value === NOBODY ? t('noChat') : value]);
  return <FilterChoice label={t('fields.chat_id')} value={value} choices={choices} onChange={onChange} />;
}

/** Who has it, by the whole name, or nobody. */
export function FilterAssignee({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const { t } = useTranslation('tasks');
  const named = value === NOBODY ? '' : (value ?? '');
  const [typed, setTyped] = useState(named);
  const [last, setLast] = useState(named);
  // The address may change by other ways: a chip that was removed, going back.
  if (named !== last) {
    setLast(named);
    setTyped(named);
  }
  const send = () => {
    const name = typed.trim();
    if (name !== named) onChange(name === NOBODY ? 'None' : name);
  };
  return (
    <FilterField label={t('fields.assignee')}>
      {(id) => (
        <div className="flex gap-2">
          <Input id={id} value={typed} maxLength={200} autoComplete="off" onChange={(event) => setTyped(event.target.value)} onBlur={send} onKeyDown={(event) => event.key === 'Enter' && send()} className="min-w-0 flex-1" />
          <Button aria-pressed={value === NOBODY} onClick={() => onChange(value === NOBODY ? undefined : NOBODY)} className="aria-pressed:border-primary aria-pressed:text-primary-text">
            <CircleUserRound aria-hidden />
            {t('nobody')}
          </Button>
        </div>
      )}
    </FilterField>
  );
}
