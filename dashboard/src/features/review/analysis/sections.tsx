import { CalendarClock, CircleHelp, Gavel, Handshake, ListChecks, ListPlus, MessageSquareText, OctagonAlert, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { PriorityChip, StatusChip } from '@/components/chips';
import { ShortTime } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { useDeadlineWords } from '@/data/deadlines';
import type { AnalysisFinding, AnalysisSummary, AnalysisTask } from '@/data/analysis';

import { isNew, SECTIONS, type Section } from './compare';

const icons: Record<Section | 'new_tasks' | 'closed_tasks', LucideIcon> = {
  what_happened: MessageSquareText,
  decisions: Gavel,
  blockers: OctagonAlert,
  promises: Handshake,
  questions: CircleHelp,
  new_tasks: ListPlus,
  closed_tasks: ListChecks,
};

interface Props {
  summary: AnalysisSummary;
  /** The result of an earlier run over the same time: what it lacks is marked. */
  before: AnalysisSummary | undefined;
}

/** A result in its parts; empty ones are named in one line, so that it is seen that nothing was left out. */
export function Sections({ summary, before }: Props) {
  const { t } = useTranslation('review');
  const empty = [...SECTIONS, 'new_tasks' as const, 'closed_tasks' as const].filter((name) => summary[name].length === 0);
  return (
    <div className="divide-y divide-border">
      {SECTIONS.filter((name) => summary[name].length > 0).map((name) => (
        <Part key={name} name={name} count={summary[name].length}>
          <ul className="space-y-3">
            {summary[name].map((finding, i) => (
              <Finding key={i} finding={finding} fresh={before !== undefined && isNew(finding, name, before)} />
            ))}
          </ul>
        </Part>
      ))}
      {(['new_tasks', 'closed_tasks'] as const)
        .filter((name) => summary[name].length > 0)
        .map((name) => (
          <Part key={name} name={name} count={summary[name].length}>
            <Tasks tasks={summary[name]} />
          </Part>
        ))}
      {empty.length > 0 ? <p className="px-4 py-3 text-xs text-muted">{t('analysis.emptySections', { sections: empty.map((name) => t(`analysis.sections.${name}`)).join(', ') })}</p> : null}
    </div>
  );
}

function Part({ name, count, children }: { name: Section | 'new_tasks' | 'closed_tasks'; count: number; children: React.ReactNode }) {
  const { t } = useTranslation('review');
  const Icon = icons[name];
  return (
    <section aria-label={t(`analysis.sections.${name}`)} className="px-4 py-4">
      <h3 className="mb-2.5 flex items-center gap-2 text-sm font-semibold">
        <Icon className="size-4 text-muted" aria-hidden />
        {t(`analysis.sections.${name}`)}
        <span className="text-xs font-normal text-muted tabular-nums">{count}</span>
      </h3>
      {children}
    </section>
  );
}

function Finding({ finding: { text, author, due_at, sent_at, quotes }, fresh }: { finding: AnalysisFinding; fresh: boolean }) {
  const { t } = useTranslation('review');
  const deadline = useDeadlineWords();
  const first = quotes[0];
  // What is a quote as it stands is said once.
  const said = quotes.length === 1 && first !== undefined && first.quote.replace(/\s+/g, ' ').trim() === text.replace(/\s+/g, ' ').trim();
  return (
    <li className="space-y-1.5">
      {said ? null : (
        <p dir="auto" className="text-sm text-pretty [overflow-wrap:anywhere]">
          {text}
        </p>
      )}
      {quotes.map(({ message_id, quote }, i) => (
        <blockquote key={i} dir="auto" className="border-l-2 border-border-strong pl-3 text-sm [overflow-wrap:anywhere]">
          <Link to={`/messages?id=${message_id}`} aria-label={t('analysis.openQuote', { quote })} className="text-muted hover:text-foreground hover:underline">
            {quote}
          </Link>
        </blockquote>
      ))}
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-muted">
        {author ? <bdi>{author}</bdi> : null}
        {sent_at ? <ShortTime at={sent_at} /> : null}
        {due_at ? (
          <Badge tone="warning">
            <CalendarClock aria-hidden />
            {t('analysis.due', { day: deadline(due_at).text })}
          </Badge>
        ) : null}
        {fresh ? <Badge tone="primary">{t('analysis.fresh')}</Badge> : null}
      </p>
    </li>
  );
}

function Tasks({ tasks }: { tasks: readonly AnalysisTask[] }) {
  return (
    <ul className="space-y-1">
      {tasks.map(({ id, title, status, priority }) => (
        <li key={id} className="flex min-h-8 flex-wrap items-center gap-2 text-sm">
          <Link to={`/tasks/${id}`} dir="auto" className="flex min-w-0 grow items-center text-primary-text underline-offset-4 touch-target [overflow-wrap:anywhere] hover:underline">
            {title}
          </Link>
          <PriorityChip priority={priority} />
          <StatusChip status={status} />
        </li>
      ))}
    </ul>
  );
}
