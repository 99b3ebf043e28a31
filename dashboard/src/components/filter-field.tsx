import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { DateField } from '@/components/date-field';
import { Label } from '@/components/ui/label';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '@/components/ui/select';

const ANY = '*';

/** One field of a filter popover: its name over what `children` makes of an id. */
export function FilterField({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="space-y-1">
      <Label htmlFor={id}>{label}</Label>
      {children(id)}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string | undefined;
  /** Values and their words. */
  choices: [string, string][];
  onChange: (value: string | undefined) => void;
}

/** One of a few values, or any. */
export function FilterChoice({ label, value, choices, onChange }: ChoiceProps) {
  const { t } = useTranslation();
  return (
    <FilterField label={label}>
      {(id) => (
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
      )}
    </FilterField>
  );
}

/** A day. */
export function FilterDay({ label, value, onChange }: { label: string; value: string | undefined; onChange: (value: string) => void }) {
  return <FilterField label={label}>{(id) => <DateField id={id} value={value ?? ''} onChange={onChange} />}</FilterField>;
}
