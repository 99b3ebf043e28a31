import type { AnalysisFinding, AnalysisRun, AnalysisSummary } from '@/data/analysis';

import { SECTIONS, type Section } from './compare';

export interface Words {
  title: string;
  /** Under the title: groups, messages, who wrote it. */
  lines: readonly string[];
  sections: Record<Section | 'new_tasks' | 'closed_tasks', string>;
  due: (at: string) => string;
}

/** Chat text must not become markup. */
const plain = (text: string) => text.replace(/\s+/g, ' ').trim().replace(/[\\`*_[\]<>#|~]/g, '\\$&');

/** A result as Markdown; quotes lead to their messages on this server. */
export function markdownOf(summary: AnalysisSummary, words: Words, origin: string): string {
  const out = [`# ${plain(words.title)}`, '', ...words.lines.map((line) => `${plain(line)}  `)];
  const finding = ({ text, author, due_at, quotes }: AnalysisFinding) => {
    out.push(`- ${plain(text)}${author ? ` (${plain(author)})` : ''}${due_at ? ` **${plain(words.due(due_at))}**` : ''}`);
    for (const quote of quotes) out.push(`  > ${plain(quote.quote)} [#${quote.message_id}](${origin}/messages?id=${quote.message_id})`, '');
  };
  for (const section of SECTIONS) {
    if (summary[section].length === 0) continue;
    out.push('', `## ${plain(words.sections[section])}`, '');
    summary[section].forEach(finding);
  }
  for (const section of ['new_tasks', 'closed_tasks'] as const) {
    if (summary[section].length === 0) continue;
    out.push('', `## ${plain(words.sections[section])}`, '');
    for (const task of summary[section]) out.push(`- [${plain(task.title)}](${origin}/tasks/${task.id})`);
  }
  return `${out.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
}

export const fileName = (run: AnalysisRun) => `analysis-${run.id}-${run.from.slice(0, 10)}.md`;
