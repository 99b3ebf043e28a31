import { useId } from 'react';

import { Calendar } from '@/components/calendar';
import { useTypedDay } from '@/components/date-field';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';

import { ClearOrSave } from './clear-or-save';

/** A day that is typed and saved, or picked in the calendar below; '' where it is taken away. */
export function DueForm({ label, initial, onCommit }: { label: string; initial: string; onCommit: (day: string) => void }) {
  const id = useId();
  const typed = useTypedDay(initial);
  return (
    <form
      className="space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        const day = typed.read();
        if (day !== null) onCommit(day);
      }}
    >
      <Label htmlFor={id}>{label}</Label>
      <Input id={id} {...typed.input} autoFocus className="tabular-nums" />
      {typed.fault}
      <Calendar value={initial} onPick={onCommit} />
      <ClearOrSave onClear={initial ? () => onCommit('') : undefined} />
    </form>
  );
}
