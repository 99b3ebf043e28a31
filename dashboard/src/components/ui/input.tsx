import type { ComponentProps } from 'react';

import { cn } from '@/lib/cn';

export const fieldClass =
  'w-full rounded-md border border-border-strong/60 bg-surface text-sm text-foreground shadow-card transition-colors placeholder:text-muted hover:border-border-strong focus-visible:border-ring disabled:cursor-not-allowed disabled:opacity-50 aria-invalid:border-danger';

export function Input({ className, ...props }: ComponentProps<'input'>) {
  return <input className={cn(fieldClass, 'h-8 px-2.5 touch-target coarse:text-base', className)} {...props} />;
}
