import type { ComponentProps } from 'react';

import { cn } from '@/lib/cn';

/** A grey shape where something will be. Hidden from assistive technology: the region around it says aria-busy. */
export function Skeleton({ className, ...props }: ComponentProps<'div'>) {
  return <div aria-hidden className={cn('animate-pulse rounded-md bg-border/70', className)} {...props} />;
}
