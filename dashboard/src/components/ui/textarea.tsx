import type { ComponentProps } from 'react';

import { cn } from '@/lib/cn';

import { fieldClass } from './input';

export function Textarea({ className, ...props }: ComponentProps<'textarea'>) {
  return <textarea className={cn(fieldClass, 'field-sizing-content max-h-96 min-h-20 px-2.5 py-1.5 coarse:text-base', className)} {...props} />;
}
