import { useQuery } from '@tanstack/react-query';
import { CircleUserRound } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { DateField } from '@/components/date-field';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '@/components/ui/select';
import { NOBODY } from '@/data/tasks/filter';
import { taskCountsQuery } from '@/data/tasks/queries';

const ANY = '*';

/** One field of the filter popover; loaded when that is first opened. */
export function FilterChoice({ label, value, choices, onChange }: { label: string; value: string | undefined; choices: [string, string][]; onChange: (value: string | undefined) => void }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="space-y-1">
      <Label htmlFor={id}>{label}</Label>
      <Select value={value ?? ANY} onValueChange={(chosen) => onChange(chosen === ANY ? undefined : chosen)}>
        <SelectTrigger id={id}>
          <SelectValue />
        </SelectTrigger>
        <SelectContent>
          <SelectItem value={ANY}>{t('filters.any')}</SelectItem>
          {choices.map(([key, text]) => (
            <SelectItem key={key} value={key}>
              {text}
            </SelectItem>
          ))}
        </SelectContent>
      </Select>
    </div>
  );
}

/** The chat that it came from: those that tasks came from, the most tasks first. */
export function FilterChat({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const { t } = useTranslation('tasks');
  const { data = [] } = useQuery(taskCountsQuery('chat_id', {}));
  const choices = data.map(({ value: id, name }): [string, string] => [id, id === NOBODY ? t('noChat') : (name ?? id)]);
  if (value && !choices.some(([id]) => id === value)) choices.push([value, value === NOBODY ? t('noChat') : value]);
  return <FilterChoice label={t('fields.chat_id')} value={value} choices={choices} onChange={onChange} />;
}

/** A day of the filter popover. */
export function FilterDay({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string) => void }) {
  const id = useId();
  return (
    <div className="space-y-1">
      <Label htmlFor={id}>{label}</Label>
      <DateField id={id} value={value ?? ''} onChange={onChange} />
    </div>
  );
}

/** Who has it, by the whole name, or nobody. */
export function FilterAssignee({ value, onChange }: { value: string | undefined; onChange: (value: string | undefined) => void }) {
  const { t } = useTranslation('tasks');
  const id = useId();
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
    <div className="space-y-1">
      <Label htmlFor={id}>{t('fields.assignee')}</Label>
      <div className="flex gap-2">
        <Input id={id} value={typed} maxLength={200} autoComplete="off" onChange={(event) => setTyped(event.target.value)} onBlur={send} onKeyDown={(event) => event.key === 'Enter' && send()} className="min-w-0 flex-1" />
        <Button aria-pressed={value === NOBODY} onClick={() => onChange(value === NOBODY ? undefined : NOBODY)} className="aria-pressed:border-primary aria-pressed:text-primary-text">
          <CircleUserRound aria-hidden />
          {t('nobody')}
        </Button>
      </div>
    </div>
  );
}
