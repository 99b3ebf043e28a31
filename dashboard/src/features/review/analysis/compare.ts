import type { AnalysisFinding, AnalysisRun, AnalysisSummary } from '@/data/analysis';

/** The lists of findings, in the order in which they are shown. */
export const SECTIONS = ['what_happened', 'decisions', 'blockers', 'promises', 'questions'] as const;
export type Section = (typeof SECTIONS)[number];

const groupsOf = (run: AnalysisRun) => (run.chats ? [...run.chats].sort().join('\n') : null);
const length = (run: AnalysisRun) => Date.parse(run.to) - Date.parse(run.from);

/** The newest run before this one that it can be compared with: of the same groups, over as long a time, with a result. */
export function previousOf(run: AnalysisRun, runs: readonly AnalysisRun[]): AnalysisRun | undefined {
  return runs
    .filter((other) => other.id < run.id && other.summary && groupsOf(other) === groupsOf(run) && Math.abs(length(other) - length(run)) <= 2 * 3_600_000)
    .sort((a, b) => b.id - a.id)[0];
}

export const sameTime = (a: AnalysisRun, b: AnalysisRun) => Date.parse(a.from) === Date.parse(b.from) && Date.parse(a.to) === Date.parse(b.to);

/** Whether none of a finding's messages were in that section before. */
export function isNew(finding: AnalysisFinding, section: Section, before: AnalysisSummary): boolean {
  const known = new Set(before[section].flatMap(({ quotes }) => quotes.map((quote) => quote.message_id)));
  return finding.quotes.every((quote) => !known.has(quote.message_id));
}

/** What is counted of a result, for a comparison. Lists that are cut off say nothing about more or less. */
export function figuresOf(summary: AnalysisSummary): Record<'messages' | 'authors' | 'decisions' | 'blockers' | 'promises' | 'questions' | 'new_tasks' | 'closed_tasks', number | null> {
  const found = (list: readonly unknown[], most: number) => (list.length < most ? list.length : null);
  return {
    messages: summary.counts.messages,
    authors: summary.counts.authors,
    decisions: found(summary.decisions, 20),
    blockers: found(summary.blockers, 20),
    promises: found(summary.promises, 20),
    questions: found(summary.questions, 20),
    new_tasks: found(summary.new_tasks, 100),
    closed_tasks: found(summary.closed_tasks, 100),
  };
}
