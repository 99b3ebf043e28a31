import type { ReactNode } from 'react';

import { Card } from '@/components/page';
import { ErrorState } from '@/components/states';
import { Skeleton } from '@/components/ui/skeleton';
import { cn } from '@/lib/cn';

interface FiguresProps {
  label: string;
  /** Over the cards; without it they speak for themselves. */
  title?: string;
  busy: boolean;
  children: ReactNode;
}

/** A row of figures, two beside one another on a phone. */
export function Figures({ label, title, busy, children }: FiguresProps) {
  return (
    <section aria-label={label} aria-busy={busy}>
      {title ? <h2 className="mb-2 text-xs font-semibold text-muted">{title}</h2> : null}
      <ul className="grid grid-cols-2 gap-3 lg:grid-cols-4">{children}</ul>
    </section>
  );
}

interface FigureCardProps {
  name: string;
  /** What stands under the name; null until it is known. */
  children: ReactNode;
  className?: string;
}

export function FigureCard({ name, children, className }: FigureCardProps) {
  return (
    <li className={cn('relative flex min-w-0 flex-col rounded-lg border border-border bg-surface p-3 shadow-card sm:p-4', className)}>
      <span className="text-xs text-muted">{name}</span>
      {children ?? <Skeleton className="mt-2 h-9 w-16" />}
    </li>
  );
}

/** In the place of a row whose figures cannot be had. */
export function FiguresFault({ error, title, retry }: { error: Error; title: string; retry: () => void }) {
  return (
    <Card>
      <ErrorState error={error} title={title} retry={retry} className="[&>div]:min-h-0" />
    </Card>
  );
}
