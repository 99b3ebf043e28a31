import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import { categoryLook, priorityLook, statusLook } from '@/components/chips';
import { Button, type ButtonProps } from '@/components/ui/button';
import { DropdownMenu, DropdownMenuContent, DropdownMenuLabel, DropdownMenuRadioGroup, DropdownMenuRadioItem, DropdownMenuTrigger } from '@/components/ui/dropdown-menu';
import { useWords } from '@/i18n/words';
import type { TaskCategory, TaskPriority, TaskStatus } from '@/lib/api';
import { cn } from '@/lib/cn';
import { CATEGORIES, PRIORITIES, STATUSES } from '@/lib/task-values';

interface Choice<T extends string> {
  value: T;
  text: string;
  icon: LucideIcon;
  color: string;
}

interface PickerProps<T extends string> {
  /** Null where the things to change differ, in a bulk change. */
  value: T | null;
  onChange: (value: T) => void;
  disabled?: boolean;
  variant?: ButtonProps['variant'];
  /** The icon alone; the word is in its name. */
  iconOnly?: boolean;
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  className?: string;
  children?: ReactNode;
}

function Picker<T extends string>({ label, choices, value, onChange, disabled, variant = 'ghost', iconOnly, open, onOpenChange, className, children }: PickerProps<T> & { label: string; choices: readonly Choice<T>[] }) {
  const chosen = choices.find((choice) => choice.value === value);
  const Icon = chosen?.icon;
  return (
    <DropdownMenu modal={false} {...(open === undefined ? {} : { open })} {...(onOpenChange ? { onOpenChange } : {})}>
      <DropdownMenuTrigger asChild disabled={disabled ?? false}>
        <Button variant={variant} size={iconOnly ? 'icon-sm' : 'md'} aria-label={chosen ? `${label}: ${chosen.text}` : label} title={iconOnly ? chosen?.text : undefined} className={className}>
          {children ?? (
            <>
              {Icon ? <Icon className={chosen.color} aria-hidden /> : null}
              {iconOnly ? null : (chosen?.text ?? label)}
            </>
          )}
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent>
        <DropdownMenuLabel>{label}</DropdownMenuLabel>
        <DropdownMenuRadioGroup aria-label={label} value={value ?? ''} onValueChange={(next) => onChange(next as T)}>
          {choices.map(({ value: each, text, icon: EachIcon, color }) => (
            <DropdownMenuRadioItem key={each} value={each}>
              <EachIcon className={cn(color)} aria-hidden />
              {text}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

export function StatusPicker(props: PickerProps<TaskStatus>) {
  const t = useWords('common');
  return <Picker {...props} label={t('status.label')} choices={STATUSES.map((value) => ({ value, text: t(`status.${value}`), ...statusLook[value] }))} />;
}

export function PriorityPicker(props: PickerProps<TaskPriority>) {
  const t = useWords('common');
  return <Picker {...props} label={t('priority.label')} choices={PRIORITIES.map((value) => ({ value, text: t(`priority.${value}`), ...priorityLook[value] }))} />;
}

export function CategoryPicker(props: PickerProps<TaskCategory>) {
  const t = useWords('common');
  return <Picker {...props} label={t('category.label')} choices={CATEGORIES.map((value) => ({ value, text: t(`category.${value}`), ...categoryLook[value] }))} />;
}
