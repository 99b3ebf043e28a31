import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';

/** The most that the server takes. */
const MOST = 50;

/**
 * Names of the clauses that, as this page says them, have what is looked for in them, or are a part of it: the server searches
 * its own English words.
 */
export function useClausesSaying(text: string | undefined): string[] {
  const { i18n } = useTranslation(['clauses', 'status']);
  const language = useLanguage();
  const wanted = text?.trim().toLocaleLowerCase(language);
  if (!wanted) return [];
  const said = { ...(i18n.getResource(language, 'clauses', 'said') as Record<string, string>), ...(i18n.getResource(language, 'status', 'advice') as Record<string, string>) };
  const says = (words: string) => words.includes(wanted) || (words.length > 3 && wanted.includes(words.replace(/\.$/, '')));
  const parts = (sentence: string) => sentence.toLocaleLowerCase(language).split(/{{.*?}}/);
  return Object.keys(said).filter((code) => parts(said[code] ?? '').some(says)).slice(0, MOST);
}
