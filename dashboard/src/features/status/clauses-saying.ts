import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';

/** The most that the server takes. */
const MOST = 50;

/**
 * Names of the clauses that, as this page says them, have what is looked for in them, or are a part of it. None in English, whose
 * words the server searches itself.
 */
export function useClausesSaying(text: string | undefined): string[] {
  const { i18n } = useTranslation('clauses');
  const language = useLanguage();
  const wanted = text?.trim().toLocaleLowerCase(language);
  if (!wanted || language === 'en') return [];
  const said = i18n.getResource(language, 'clauses', 'said') as Record<string, string>;
  const says = (words: string) => words.includes(wanted) || (words.length > 3 && wanted.includes(words));
  const parts = (sentence: string) => sentence.toLocaleLowerCase(language).split(/{{.*?}}/);
  return Object.keys(said).filter((code) => parts(said[code] ?? '').some(says)).slice(0, MOST);
}
