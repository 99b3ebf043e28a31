import { CalendarDays } from 'lucide-react';
import { Suspense, useId, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { LoadingBlock } from '@/components/states';
import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { cn } from '@/lib/cn';
import { addDays, isoDay } from '@/lib/format';
import { part } from '@/lib/part';
import { dayText, noonOf, typedDay } from '@/lib/typed-day';

const Calendar = part(async () => (await import('./calendar')).Calendar);

interface Bounds {
  /** The last day that may be named. */
  max?: string | undefined;
  required?: boolean;
}

/** A day (YYYY-MM-DD; '' for none) as text that somebody types, in the language of the page. */
export function useTypedDay(value: string, { max, required = false }: Bounds = {}) {
  const { t } = useTranslation();
  const language = useLanguage();
  const id = useId();
  const of = `${value} ${language}`;
  const [state, setState] = useState({ of, text: null as string | null, wrong: null as string | null });
  // The day may change by other ways, and the language too.
  const { text, wrong } = state.of === of ? state : { text: null, wrong: null };
  const shown = text ?? (value ? dayText(value, language) : '');
  const refuse = (why: string) => {
    setState({ of, text: shown, wrong: why });
    return null;
  };
  /** What stands there; null where it is no day that may be named, which is said then. */
  const read = (): string | null => {
    if (shown.trim() === '' && !required) return '';
    const day = typedDay(shown);
    if (!day) return refuse(t('date.wrong', { example: dayText(isoDay(new Date()), language) }));
    return max && day > max ? refuse(t('date.late', { day: dayText(max, language) })) : day;
  };
  return {
    read,
    reset: () => setState({ of, text: null, wrong: null }),
    input: {
      value: shown,
      placeholder: t('date.pattern'),
      autoComplete: 'off',
      inputMode: 'numeric' as const,
      maxLength: 20,
      'aria-invalid': wrong !== null || undefined,
      'aria-describedby': wrong ? id : undefined,
      onChange: (event: { target: { value: string } }) => setState({ of, text: event.target.value, wrong: null }),
    },
    fault: wrong ? (
      <p id={id} role="alert" className="text-xs text-danger">
        {wrong}
      </p>
    ) : null,
  };
}

interface DateFieldProps extends Bounds {
  id: string;
  value: string;
  /** A whole day that somebody typed and left, or picked; '' where the field was emptied. */
  onChange: (day: string) => void;
  invalid?: boolean;
  describedBy?: string | undefined;
  className?: string;
}

/**
 * A day that is typed, or picked in a calendar: a native field would be in the browser's language. Arrows up and down go to the next day
 * and to the one before, with Alt they open the calendar.
 */
export function DateField({ id, value, onChange, max, required = false, invalid = false, describedBy, className }: DateFieldProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const typed = useTypedDay(value, { max, required });
  const take = (day: string | null) => {
    if (day === null) return;
    typed.reset();
    if (day !== value) onChange(day);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      if (event.altKey) return setOpen(true);
      const from = typed.read();
      const to = isoDay(from ? addDays(noonOf(from), step) : new Date());
      if (from !== null && !(max && to > max)) take(to);
    } else if (event.key === 'Enter') {
      const day = typed.read();
      // What the form is sent with is known once it is shown.
      if (day !== value) event.preventDefault();
      take(day);
    }
  };
  return (
    <div className={cn('space-y-1', className)}>
      <div className="relative">
        <Input
          id={id}
          required={required}
          {...typed.input}
          aria-invalid={typed.input['aria-invalid'] ?? (invalid || undefined)}
          aria-describedby={typed.input['aria-describedby'] ?? describedBy}
          onBlur={() => take(typed.read())}
          onKeyDown={onKeyDown}
          className="pr-8 tabular-nums"
        />
        <Popover open={open} onOpenChange={setOpen}>
          <PopoverTrigger asChild>
            <Button variant="ghost" size="icon-sm" aria-label={t('date.open')} className="absolute inset-y-0 right-0.5 my-auto">
              <CalendarDays aria-hidden />
            </Button>
          </PopoverTrigger>
          <PopoverContent align="end" aria-label={t('date.open')} className="w-auto">
            <Suspense fallback={<LoadingBlock className="h-64 w-56" />}>
              <Calendar
                value={value}
                max={max}
                autoFocus
                onPick={(day) => {
                  take(day);
                  setOpen(false);
                }}
              />
            </Suspense>
          </PopoverContent>
        </Popover>
      </div>
      {typed.fault}
    </div>
  );
}
