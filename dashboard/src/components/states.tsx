import { CircleAlert, Loader, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { useSaid } from '@/components/said';
import { Button } from '@/components/ui/button';
import { Skeleton } from '@/components/ui/skeleton';
import { ApiError, faultText, UNREADABLE } from '@/lib/api';
import { cn } from '@/lib/cn';

interface StateProps {
  icon: LucideIcon;
  title: string;
  text?: ReactNode;
  /** What can be done about it: buttons or links. */
  actions?: ReactNode;
  className?: string;
  tone?: 'neutral' | 'danger';
}

/** The middle of a place that has nothing to show: what is so, and what can be done. */
export function State({ icon: Icon, title, text, actions, className, tone = 'neutral' }: StateProps) {
  return (
    <div className={cn('flex min-h-48 flex-col items-center justify-center gap-3 p-8 text-center', className)}>
      <span className={cn('flex size-10 items-center justify-center rounded-full', tone === 'danger' ? 'bg-danger-soft text-danger' : 'bg-sunken text-muted ring-1 ring-border ring-inset')}>
        <Icon className="size-5" aria-hidden />
      </span>
      <div className="max-w-sm space-y-1">
        <h2 className="text-base font-semibold">{title}</h2>
        {text ? <div className="text-sm text-pretty text-muted">{text}</div> : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center justify-center gap-2">{actions}</div> : null}
    </div>
  );
}

/** What a refusal means that comes without a sentence: from a proxy or a load balancer, not from the API. */
function refusedBy(status: number): 'signedOut' | 'gone' | 'large' | 'often' | 'away' | 'unreadable' | 'other' {
  switch (status) {
    case 401:
    case 403:
      return 'signedOut';
    case 404:
      return 'gone';
    case 413:
      return 'large';
    case 429:
      return 'often';
    case UNREADABLE:
      return 'unreadable';
    default:
      return status >= 500 ? 'away' : 'other';
  }
}

/** What the server said, or ours where no answer came, or one that says nothing. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  const said = useSaid();
  return (error) => {
    if (!(error instanceof ApiError) || error.status === 0) return t('states.network');
    if (error.message === '') return t(`states.refused.${refusedBy(error.status)}`, { status: error.status });
    if (error.faults.length > 0) return error.faults.map((fault) => faultText(fault, said(fault.msg, fault.clauses).text)).join('; ');
    return said(error.message, error.clauses).text;
  };
}

/** What the server said about a field, however deep it lies in the body. */
export function useFieldFault(): (error: unknown, field: string) => string | undefined {
  const said = useSaid();
  return (error, field) => {
    const fault = error instanceof ApiError ? error.faults.find(({ loc }) => loc.includes(field)) : undefined;
    return fault && said(fault.msg, fault.clauses).text;
  };
}

interface ErrorStateProps {
  error: unknown;
  retry?: (() => void) | undefined;
  title?: string;
  className?: string;
}

export function ErrorState({ error, retry, title, className }: ErrorStateProps) {
  const { t } = useTranslation();
  const text = useErrorText();
  const gone = error instanceof ApiError && error.status === 404; // asking again changes nothing
  return (
    <div role="alert" className={className}>
      <State
        icon={CircleAlert}
        tone="danger"
        title={title ?? t('states.errorTitle')}
        text={text(error)}
        actions={retry && !gone ? <Button onClick={retry}>{t('actions.retry')}</Button> : undefined}
      />
    </div>
  );
}

/** The rows that will be there. */
export function LoadingRows({ rows = 10, className }: { rows?: number; className?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-busy className={cn('overflow-hidden', className)}>
      <span className="sr-only">{t('states.loading')}</span>
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className="flex h-(--row) items-center gap-3 border-b border-border/60 px-4">
          <Skeleton className="size-5 rounded-full" />
          <Skeleton className="h-3 w-24" />
          <Skeleton className={cn('h-3 flex-1', i % 3 === 0 ? 'max-w-64' : i % 3 === 1 ? 'max-w-96' : 'max-w-80')} />
        </div>
      ))}
    </div>
  );
}

export function LoadingBlock({ className }: { className?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-busy className={cn('flex min-h-32 items-center justify-center text-muted', className)}>
      <Loader className="size-5 animate-spin" aria-hidden />
      <span className="sr-only">{t('states.loading')}</span>
    </div>
  );
}
