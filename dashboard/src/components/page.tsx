import { useEffect, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { cn } from '@/lib/cn';

interface PageProps {
  title: string;
  /** What stands beside the title: a count, tabs. */
  aside?: ReactNode;
  /** At the right end of the head: buttons. */
  actions?: ReactNode;
  /** The page scrolls its own parts (lists); else the whole of it scrolls. */
  fixed?: boolean;
  className?: string;
  children: ReactNode;
}

/** A page: its head with the one h1, and its body. Names the window's title too. */
export function Page({ title, aside, actions, fixed = false, className, children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t('app')}`;
  }, [title, t]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-border px-4 py-1.5">
        <h1 className="text-base font-semibold">{title}</h1>
        {aside}
        <div className="ml-auto flex items-center gap-2">{actions}</div>
      </header>
      <div className={cn('min-h-0 flex-1', fixed ? 'flex flex-col' : 'relative overflow-y-auto p-4 sm:p-6', className)}>{children}</div>
    </div>
  );
}

/** A box on a page with a small head. */
export function Card({ title, actions, className, children }: { title?: ReactNode; actions?: ReactNode; className?: string; children: ReactNode }) {
  return (
    <section className={cn('rounded-lg border border-border bg-surface shadow-card', className)}>
      {title ? (
        <div className="flex min-h-10 flex-wrap items-center gap-x-2 gap-y-3 border-b border-border px-4 py-2.5">
          <h2 className="min-w-0 flex-[1_1_8rem] text-sm font-semibold">{title}</h2>
          <div className="-my-1 ml-auto flex flex-wrap items-center justify-end gap-2 empty:hidden">{actions}</div>
        </div>
      ) : null}
      {children}
    </section>
  );
}
