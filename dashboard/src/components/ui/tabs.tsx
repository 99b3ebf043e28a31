import { Tabs as TabsPrimitive } from 'radix-ui';
import { useEffect, useRef, type ComponentProps } from 'react';

import { cn } from '@/lib/cn';

interface TabsProps extends ComponentProps<typeof TabsPrimitive.Root> {
  value: string;
  onValueChange: (value: string) => void;
}

/** A press tells of its tab twice, as it is pressed and as it gets the focus: where that is a place in the address, going back would take two. */
export function Tabs({ value, onValueChange, ...props }: TabsProps) {
  const told = useRef(value);
  useEffect(() => {
    told.current = value;
  }, [value]);
  const tell = (next: string) => {
    if (next === told.current) return;
    told.current = next;
    onValueChange(next);
  };
  return <TabsPrimitive.Root value={value} onValueChange={tell} {...props} />;
}

/** The chosen tab is in view, also where they do not all fit. */
export function TabsList({ className, ...props }: ComponentProps<typeof TabsPrimitive.List>) {
  const list = useRef<HTMLDivElement>(null);
  const shown = useRef<Element>(null);
  useEffect(() => {
    const chosen = list.current?.querySelector('[data-state=active]') ?? null;
    if (!list.current || !chosen || chosen === shown.current) return;
    shown.current = chosen;
    const [outer, inner] = [list.current.getBoundingClientRect(), chosen.getBoundingClientRect()];
    if (inner.right > outer.right) list.current.scrollLeft += inner.right - outer.right;
    else if (inner.left < outer.left) list.current.scrollLeft += inner.left - outer.left;
  });
  return <TabsPrimitive.List ref={list} className={cn('flex gap-1 overflow-x-auto overflow-y-hidden border-b border-border', className)} {...props} />;
}

export function TabsTrigger({ className, ...props }: ComponentProps<typeof TabsPrimitive.Trigger>) {
  return (
    <TabsPrimitive.Trigger
      className={cn(
        '-mb-px inline-flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-3 text-sm font-medium whitespace-nowrap text-muted transition-colors touch-target hover:text-foreground focus-visible:-outline-offset-2 data-[state=active]:border-primary data-[state=active]:text-foreground',
        className,
      )}
      {...props}
    />
  );
}

export function TabsContent({ className, ...props }: ComponentProps<typeof TabsPrimitive.Content>) {
  return <TabsPrimitive.Content className={cn('pt-4', className)} {...props} />;
}
