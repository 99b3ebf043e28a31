import { Dialog as DialogPrimitive } from 'radix-ui';
import type { ComponentProps } from 'react';

import { cn } from '@/lib/cn';

import { DialogOverlay, ReturnFocus } from './dialog';

export const Sheet = DialogPrimitive.Root;
export const SheetTrigger = DialogPrimitive.Trigger;
export const SheetTitle = DialogPrimitive.Title;
export const SheetDescription = DialogPrimitive.Description;

const sides = {
  right: 'inset-y-0 right-0 h-full w-full max-w-xl animate-slide-in-right border-l',
  left: 'inset-y-0 left-0 h-full w-72 max-w-[85vw] animate-slide-in-left border-r',
  bottom: 'inset-x-0 bottom-0 max-h-[85dvh] animate-slide-in-bottom rounded-t-xl border-t',
};

interface SheetContentProps extends ComponentProps<typeof DialogPrimitive.Content> {
  side?: keyof typeof sides;
}

export function SheetContent({ className, side = 'right', children, ...props }: SheetContentProps) {
  return (
    <DialogPrimitive.Portal>
      <DialogOverlay />
      <DialogPrimitive.Content
        data-modal=""
        className={cn('fixed z-50 flex flex-col overflow-hidden border-border bg-surface shadow-pop outline-none', sides[side], className)}
        {...props}
      >
        <ReturnFocus />
        {children}
      </DialogPrimitive.Content>
    </DialogPrimitive.Portal>
  );
}
