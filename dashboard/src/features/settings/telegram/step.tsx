import { ChevronDown, Circle, CircleAlert, CircleCheck, CircleDashed, CircleHelp, Loader, type LucideIcon } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { cn } from '@/lib/cn';

import type { StepState } from './progress';

const looks: Record<StepState, { icon: LucideIcon; color: string }> = {
  done: { icon: CircleCheck, color: 'text-success' },
  todo: { icon: Circle, color: 'text-primary-text' },
  problem: { icon: CircleAlert, color: 'text-danger' },
  checking: { icon: Loader, color: 'text-muted' },
  unknown: { icon: CircleHelp, color: 'text-muted' },
  optional: { icon: CircleDashed, color: 'text-muted' },
};

interface StepProps {
  number: number;
  title: string;
  state: StepState;
  /** What is so, in a line; shown folded and open. */
  summary: ReactNode;
  open: boolean;
  onToggle: () => void;
  children: ReactNode;
}

/** One step of the guided path: its state in an icon and a word, folded once it needs nobody. */
export function Step({ number, title, state, summary, open, onToggle, children }: StepProps) {
  const { t } = useTranslation(['settings', 'common']);
  const id = useId();
  const { icon: Icon, color } = looks[state];
  return (
    <li className="border-b border-border last:border-0" data-state-of-step={state}>
      <h3>
        <button
          type="button"
          id={`${id}-head`}
          aria-expanded={open}
          aria-controls={`${id}-body`}
          onClick={onToggle}
          className="flex w-full items-center gap-3 px-4 py-3 text-left hover:bg-hover focus-visible:-outline-offset-2"
        >
          <Icon className={cn('size-5 shrink-0', color, state === 'checking' && 'animate-spin')} aria-hidden />
          <span className="min-w-0 flex-1">
            <span className="flex flex-wrap items-baseline gap-x-2">
              <span className="text-sm font-semibold">
                {number}. {title}
              </span>
              <span className={cn('text-xs', color)}>{t(`step.state.${state}`)}</span>
            </span>
            <span className="block text-xs font-normal text-muted">{summary}</span>
          </span>
          <ChevronDown className={cn('size-4 shrink-0 text-muted transition-transform', open && 'rotate-180')} aria-hidden />
        </button>
      </h3>
      <div id={`${id}-body`} role="region" aria-labelledby={`${id}-head`} hidden={!open} className="space-y-4 px-4 pt-1 pb-5 sm:pl-12">
        {children}
      </div>
    </li>
  );
}
