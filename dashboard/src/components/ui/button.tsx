import { cva, type VariantProps } from 'class-variance-authority';
import { Slot } from 'radix-ui';
import { useReducer, useRef, type ComponentProps } from 'react';

import { cn } from '@/lib/cn';

const buttonVariants = cva(
  'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap transition-colors select-none touch-target disabled:pointer-events-none disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0',
  {
    variants: {
      variant: {
        primary: 'bg-primary text-primary-foreground hover:bg-primary-hover',
        secondary: 'border border-border bg-surface text-foreground shadow-card hover:bg-hover',
        ghost: 'text-muted hover:bg-hover hover:text-foreground aria-expanded:bg-hover aria-expanded:text-foreground',
        danger: 'bg-danger text-danger-foreground hover:bg-danger-hover',
        link: 'text-primary-text underline-offset-4 hover:underline',
      },
      size: {
        md: 'h-8 px-3 text-sm',
        sm: 'h-7 px-2 text-xs',
        icon: 'size-8',
        'icon-sm': 'size-7',
      },
    },
    defaultVariants: { variant: 'secondary', size: 'md' },
  },
);

export interface ButtonProps extends ComponentProps<'button'>, VariantProps<typeof buttonVariants> {
  /** Renders the only child with the look of a button, such as a link. */
  asChild?: boolean;
}

export function Button({ className, variant, size, asChild = false, ...props }: ButtonProps) {
  const look = cn(buttonVariants({ variant, size }), className);
  return asChild ? <Slot.Root className={look} {...props} /> : <Plain className={look} {...props} />;
}

/** One that has the focus keeps it when it is disabled, as while what it began is under way: browsers would drop it. */
function Plain({ type = 'button', disabled, onClick, onFocus, onBlur, ...props }: ComponentProps<'button'>) {
  const focused = useRef(false);
  const [, again] = useReducer((n: number) => n + 1, 0);
  const held = Boolean(disabled) && focused.current;
  return (
    <button
      {...props}
      {...(held ? { 'aria-disabled': true } : { disabled })}
      type={type}
      onClick={(event) => (held ? event.preventDefault() : onClick?.(event))}
      onFocus={(event) => {
        focused.current = true;
        onFocus?.(event);
      }}
      onBlur={(event) => {
        focused.current = false;
        if (held) again();
        onBlur?.(event);
      }}
    />
  );
}
