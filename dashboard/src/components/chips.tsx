import {
  Ban,
  Bug,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CirclePause,
  Equal,
  Lightbulb,
  NotebookText,
  Sparkles,
  ChevronsUp,
  ChevronUp,
  ChevronDown,
  Wrench,
  type LucideIcon,
} from 'lucide-react';

import { Badge, type Tone } from '@/components/ui/badge';
import { useWords } from '@/i18n/words';
import type { TaskCategory, TaskPriority, TaskStatus } from '@/lib/api';
import { cn } from '@/lib/cn';

interface Look {
  icon: LucideIcon;
  tone: Tone;
  color: string;
}

export const statusLook: Record<TaskStatus, Look> = {
  open: { icon: CircleDashed, tone: 'info', color: 'text-info' },
  pending: { icon: CirclePause, tone: 'violet', color: 'text-violet' },
  in_progress: { icon: CircleDot, tone: 'warning', color: 'text-warning' },
  completed: { icon: CircleCheck, tone: 'success', color: 'text-success' },
  cancelled: { icon: Ban, tone: 'neutral', color: 'text-muted' },
};

export const priorityLook: Record<TaskPriority, Look> = {
  critical: { icon: ChevronsUp, tone: 'danger', color: 'text-danger' },
  high: { icon: ChevronUp, tone: 'warning', color: 'text-warning' },
  medium: { icon: Equal, tone: 'neutral', color: 'text-muted' },
  low: { icon: ChevronDown, tone: 'neutral', color: 'text-muted' },
};

export const categoryLook: Record<TaskCategory, Look> = {
  bug: { icon: Bug, tone: 'danger', color: 'text-danger' },
  feature: { icon: Sparkles, tone: 'primary', color: 'text-primary-text' },
  improvement: { icon: Lightbulb, tone: 'success', color: 'text-success' },
  question: { icon: CircleHelp, tone: 'info', color: 'text-info' },
  chore: { icon: Wrench, tone: 'neutral', color: 'text-muted' },
  summary: { icon: NotebookText, tone: 'violet', color: 'text-violet' },
};

function Chip({ look: { icon: Icon, tone }, text, className }: { look: Look; text: string; className?: string | undefined }) {
  return (
    <Badge tone={tone} className={className}>
      <Icon aria-hidden />
      {text}
    </Badge>
  );
}

export function StatusChip({ status, className }: { status: TaskStatus; className?: string }) {
  const t = useWords('common');
  return <Chip look={statusLook[status]} text={t(`status.${status}`)} className={className} />;
}

export function PriorityChip({ priority, className }: { priority: TaskPriority; className?: string }) {
  const t = useWords('common');
  return <Chip look={priorityLook[priority]} text={t(`priority.${priority}`)} className={className} />;
}

/** The sign alone, where a word has no room; it says itself to a pointer and to a screen reader. */
export function PrioritySign({ priority }: { priority: TaskPriority }) {
  const t = useWords('common');
  const { icon: Icon, color } = priorityLook[priority];
  const text = t(`priority.${priority}`);
  return (
    <span title={text} className="shrink-0">
      <Icon className={cn('size-4', color)} aria-hidden />
      <span className="sr-only">{text}</span>
    </span>
  );
}

export function CategoryChip({ category, className }: { category: TaskCategory; className?: string }) {
  const t = useWords('common');
  return <Chip look={categoryLook[category]} text={t(`category.${category}`)} className={className} />;
}

/** Icon and word without a ground, for pickers and heads of groups. */
export function Labelled({ look: { icon: Icon, color }, text, className }: { look: Look; text: string; className?: string }) {
  return (
    <span className={cn('inline-flex items-center gap-2 whitespace-nowrap', className)}>
      <Icon className={cn('size-4 shrink-0', color)} aria-hidden />
      {text}
    </span>
  );
}
