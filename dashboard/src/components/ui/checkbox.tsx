import type { ComponentProps } from 'react';

import { cn } from '@/lib/cn';

interface CheckboxProps extends Omit<ComponentProps<'input'>, 'type' | 'checked' | 'onChange' | 'ref'> {
  checked: boolean | 'indeterminate';
  /** `shift`: it was clicked with that key, which takes a range in a list. */
  onCheckedChange: (on: boolean, shift: boolean) => void;
}

export function Checkbox({ className, checked, onCheckedChange, ...props }: CheckboxProps) {
  return (
    <input
      type="checkbox"
      ref={(box) => {
        if (box) box.indeterminate = checked === 'indeterminate';
      }}
      checked={checked === true}
      onChange={(event) => onCheckedChange(event.target.checked, (event.nativeEvent as MouseEvent).shiftKey)}
      className={cn(
        'relative size-4 shrink-0 cursor-pointer appearance-none rounded-sm border border-border-strong bg-surface transition-colors disabled:cursor-default disabled:opacity-50',
        'checked:border-primary checked:bg-primary indeterminate:border-primary indeterminate:bg-primary',
        'after:absolute after:hidden after:border-primary-foreground after:content-[""] checked:after:top-px checked:after:left-1 checked:after:block checked:after:h-2.25 checked:after:w-1.25 checked:after:rotate-45 checked:after:border-r-2 checked:after:border-b-2',
        'indeterminate:after:inset-x-0.5 indeterminate:after:top-1.5 indeterminate:after:block indeterminate:after:border-b-2',
        'coarse:before:absolute coarse:before:-inset-3.75 coarse:before:content-[""]',
        className,
      )}
      {...props}
    />
  );
}
