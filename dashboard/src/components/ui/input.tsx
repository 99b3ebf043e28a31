import type { ComponentProps, FormEvent } from 'react';

import { keepWithin } from '@/lib/characters';
import { cn } from '@/lib/cn';

export const fieldClass =
  'w-full rounded-md border border-border-strong/60 bg-surface text-sm text-foreground shadow-card transition-colors placeholder:text-muted hover:border-border-strong focus-visible:border-ring disabled:cursor-not-allowed disabled:opacity-50 aria-invalid:border-danger';

/** `maxLength` counts characters, as the server does. */
export function Input({ className, maxLength, ...props }: Omit<ComponentProps<'input'>, 'onInput'>) {
  const limit = maxLength === undefined ? {} : { onInput: (event: FormEvent<HTMLInputElement>) => keepWithin(event, maxLength) };
  return <input className={cn(fieldClass, 'h-8 px-2.5 touch-target coarse:text-base', className)} {...limit} {...props} />;
}
