import { CircleAlert, CircleCheck, Info, TriangleAlert, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import { cn } from '@/lib/cn';

type NoticeTone = 'info' | 'success' | 'warning' | 'danger';

const looks: Record<NoticeTone, { icon: LucideIcon; className: string }> = {
  info: { icon: Info, className: 'bg-info-soft text-info' },
  success: { icon: CircleCheck, className: 'bg-success-soft text-success' },
  warning: { icon: TriangleAlert, className: 'bg-warning-soft text-warning' },
  danger: { icon: CircleAlert, className: 'bg-danger-soft text-danger' },
};

interface NoticeProps {
  tone: NoticeTone;
  title: ReactNode;
  children?: ReactNode;
  actions?: ReactNode;
  /** Read out when it appears. */
  announce?: boolean;
  className?: string;
}

/** A sentence about a state, with what to do about it. */
export function Notice({ tone, title, children, actions, announce = false, className }: NoticeProps) {
  const { icon: Icon, className: ground } = looks[tone];
  return (
    <div role={announce ? (tone === 'danger' ? 'alert' : 'status') : undefined} className={cn('flex gap-2.5 rounded-md px-3 py-2.5 text-sm', ground, className)}>
      <Icon className="mt-0.5 size-4 shrink-0" aria-hidden />
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-medium text-pretty">{title}</p>
        {children ? <div className="text-foreground text-pretty">{children}</div> : null}
        {actions ? <div className="flex flex-wrap gap-2 pt-1">{actions}</div> : null}
      </div>
    </div>
  );
}
