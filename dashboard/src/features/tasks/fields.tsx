import { CalendarClock, CircleUserRound, Tag, X } from 'lucide-react';
import { Suspense, useId, useState, type ReactNode } from 'react';

import { Avatar } from '@/components/avatar';
import { LoadingBlock } from '@/components/states';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { useChatZone, useDeadlineWords } from '@/data/deadlines';
import { useWords } from '@/i18n/words';
import { firstCharacters } from '@/lib/characters';
import { cn } from '@/lib/cn';
import { dayOf, endOfDay } from '@/lib/deadline';
import { part } from '@/lib/part';

import { ClearOrSave } from './clear-or-save';

const DueForm = part(async () => (await import('./due-form')).DueForm);

interface FieldProps<T> {
  value: T;
  onChange: (value: T) => void;
  disabled?: boolean;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  /** In a row an empty field shows its word only where the row is pointed at or focused. */
  quiet?: boolean;
  className?: string;
  children?: ReactNode;
}

const quietly = 'opacity-0 transition-opacity group-focus-within:opacity-100 group-hover:opacity-100 coarse:opacity-100';

interface FieldPopoverProps {
  label: string;
  trigger: ReactNode;
  disabled: boolean;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  className?: string | undefined;
  children: (close: () => void) => ReactNode;
}

/** A popover with one field; its form takes it, Esc and a click outside do not. */
function FieldPopover({ label, trigger, disabled, open, onOpenChange, className, children }: FieldPopoverProps) {
  const [own, setOwn] = useState(false);
  const setOpen = onOpenChange ?? setOwn;
  return (
    <Popover open={open ?? own} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button variant="ghost" disabled={disabled} className={cn('justify-start px-2 font-normal', className)}>
          {trigger}
        </Button>
      </PopoverTrigger>
      <PopoverContent aria-label={label}>{children(() => setOpen(false))}</PopoverContent>
    </Popover>
  );
}

function TextPopover({ initial, max, onCommit, ...popover }: Omit<FieldPopoverProps, 'children'> & { initial: string; max?: number; onCommit: (value: string) => void }) {
  const id = useId();
  return (
    <FieldPopover {...popover}>
      {(close) => {
        const commit = (value: string) => {
          onCommit(value);
          close();
        };
        return (
          <form
            className="space-y-2"
            onSubmit={(event) => {
              event.preventDefault();
              commit(String(new FormData(event.currentTarget).get('value') ?? '').trim());
            }}
          >
            <Label htmlFor={id}>{popover.label}</Label>
            <Input id={id} name="value" defaultValue={initial} maxLength={max} autoComplete="off" autoFocus />
            <ClearOrSave onClear={initial ? () => commit('') : undefined} />
          </form>
        );
      }}
    </FieldPopover>
  );
}

export function AssigneeField({ value, onChange, disabled = false, open, onOpenChange, quiet = false, className, children }: FieldProps<string | null>) {
  const t = useWords('tasks');
  const shown = value ? (
    <>
      <Avatar name={value} size="sm" />
      <bdi className="truncate text-foreground">{value}</bdi>
    </>
  ) : (
    <>
      <CircleUserRound className={quiet ? 'opacity-60' : ''} aria-hidden />
      <span className="sr-only">{t('fields.assignee')}</span>
      <span className={cn('truncate', quiet && quietly)}>{t('nobody')}</span>
    </>
  );
  return <TextPopover label={t('fields.assignee')} trigger={children ?? shown} initial={value ?? ''} max={200} disabled={disabled} open={open} onOpenChange={onOpenChange} onCommit={(text) => onChange(text || null)} className={className} />;
}

interface DueProps extends FieldProps<string | null> {
  /** A task that is done is not overdue. */
  done?: boolean;
}

export function DueField({ value, onChange, done = false, disabled = false, open, onOpenChange, quiet = false, className, children }: DueProps) {
  const t = useWords('tasks');
  const zone = useChatZone();
  const say = useDeadlineWords();
  const due = value ? say(value) : null;
  const overdue = value !== null && !done && Date.parse(value) < Date.now();
  const day = quiet ? due?.day : due?.text;
  const shown = due ? (
    <span className={cn('inline-flex items-center gap-1.5 truncate', overdue ? 'font-medium text-danger' : 'text-foreground')} title={due.exact}>
      <CalendarClock aria-hidden />
      <span className="truncate">{overdue ? t('overdue', { day }) : day}</span>
    </span>
  ) : (
    <>
      <CalendarClock className={quiet ? 'opacity-60' : ''} aria-hidden />
      <span className="sr-only">{t('fields.due_at')}</span>
      <span className={cn('truncate', quiet && quietly)}>{t('noDue')}</span>
    </>
  );
  return (
    <FieldPopover label={t('fields.due_at')} trigger={children ?? shown} disabled={disabled} open={open} onOpenChange={onOpenChange} className={className}>
      {(close) => (
        <Suspense fallback={<LoadingBlock className="h-80" />}>
          <DueForm
            label={t('fields.due_at')}
            initial={value ? dayOf(value, zone) : ''}
            onCommit={(day) => {
              onChange(day ? endOfDay(day, zone) : null);
              close();
            }}
          />
        </Suspense>
      )}
    </FieldPopover>
  );
}

const MAX_LABELS = 50;

export function LabelsField({ value, onChange, disabled = false }: FieldProps<string[]>) {
  const t = useWords('tasks');
  const add = (text: string) => {
    const labels = text.split(',').map((label) => firstCharacters(label.trim(), 64)).filter(Boolean);
    const next = [...new Set([...value, ...labels])].slice(0, MAX_LABELS);
    if (next.length > value.length) onChange(next);
  };
  return (
    <div className="flex flex-wrap items-center gap-1 py-1">
      {value.map((label) => (
        <Badge key={label} tone="primary" className="h-6 pr-0.5">
          <bdi className="max-w-40 truncate">{label}</bdi>
          {disabled ? null : (
            <button type="button" aria-label={t('removeLabel', { label })} onClick={() => onChange(value.filter((l) => l !== label))} className="rounded-sm p-0.5 touch-target hover:bg-selected">
              <X aria-hidden />
            </button>
          )}
        </Badge>
      ))}
      {value.length < MAX_LABELS ? (
        <TextPopover
          label={t('addLabel')}
          trigger={
            <>
              <Tag aria-hidden />
              {t('addLabel')}
            </>
          }
          initial=""
          disabled={disabled}
          onCommit={add}
        />
      ) : null}
    </div>
  );
}
