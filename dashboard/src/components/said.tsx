import { useTranslation } from 'react-i18next';

import type { Clause } from '@/lib/api';
import { formatPercent } from '@/lib/format';
import { CATEGORIES } from '@/lib/task-values';

import { useLanguage } from './time';

/** Values that are shares, and of how much. */
const shares: Record<string, number> = { percent: 100, probability: 1, least: 1, below: 1, score: 1 };

/**
 * A sentence of the server in the reader's language. Its own words, which are English, serve readers of English, but where they
 * name a field as the API does, and all where they are a model's or newer than this page.
 */
export function useSaid(): (sentence: string, clauses: readonly Clause[] | undefined) => { text: string; lang: 'en' | undefined } {
  const { t, i18n } = useTranslation(['clauses', 'common'], { useSuspense: false });
  const language = useLanguage();
  const say = i18n.getFixedT(language, 'clauses') as unknown as (key: string, values?: Record<string, string>) => string;
  const value = (name: string, text: string) => {
    const category = name === 'category' ? CATEGORIES.find((each) => each === text) : undefined;
    if (category) return t(`common:category.${category}`).toLocaleLowerCase(language);
    const of = shares[name];
    if (of !== undefined) return formatPercent(Number(text) / of, language);
    return (name === 'reject_reason' || name === 'status' || name === 'what') && i18n.exists(`clauses:value.${text}`) ? say(`value.${text}`) : text;
  };
  const one = ({ code, values }: Clause) => say(`said.${code}`, Object.fromEntries(Object.entries(values).map(([name, text]) => [name, value(name, text)])));
  return (sentence, clauses = []) => {
    if (clauses.length === 0 || !clauses.every(({ code }) => i18n.exists(`clauses:said.${code}`))) return { text: sentence, lang: language === 'en' ? undefined : 'en' };
    const text = clauses.map((clause, i) => one(clause) + (i === clauses.length - 1 ? '' : opens.has(clause.code) ? ': ' : '; ')).join('');
    return { text: `${text.charAt(0).toLocaleUpperCase(language)}${text.slice(1)}.`, lang: undefined };
  };
}

/** Clauses that the others explain. */
const opens = new Set(['answer_attached', 'answer_made', 'answer_waiting', 'answer_nothing', 'proposal_as_it_is', 'things_as_they_are', 'nothing_changed', 'no_task_made', 'shape']);

/** Such a sentence as it stands in a text. */
export function Said({ sentence, clauses }: { sentence: string; clauses: readonly Clause[] }) {
  const { text, lang } = useSaid()(sentence, clauses);
  return <span lang={lang}>{text}</span>;
}
