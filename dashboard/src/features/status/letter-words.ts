import { useTranslation } from 'react-i18next';

import { useSaid } from '@/components/said';
import { useLanguage } from '@/components/time';
import type { DeadLetter } from '@/data/operations';
import type en from '@/i18n/en';

interface Sentence {
  text: string;
  lang: 'en' | undefined;
}

interface Words {
  /** Why it failed and what to do, each in its language. */
  sentences: Sentence[];
  /** The reason in the words of an error or of the server, where the sentences say it otherwise. */
  detail: string | null;
}

type Advice = keyof (typeof en)['status']['advice'];

/** What is told of a dead letter: the reason where it is a sentence of ours, and always what to do about it. */
export function useLetterWords(): (letter: DeadLetter) => Words {
  const { t, i18n } = useTranslation('status');
  const say = useSaid();
  const language = useLanguage();
  const advised = ({ advice, advice_clauses: [clause] }: DeadLetter): Sentence =>
    clause && i18n.exists(`status:advice.${clause.code}`) ? { text: t(`advice.${clause.code as Advice}`), lang: undefined } : { text: advice, lang: language === 'en' ? undefined : 'en' };
  return (letter) => {
    const { reason, reason_clauses } = letter;
    const what = advised(letter);
    if (reason_clauses.length === 0) return { sentences: [what], detail: reason };
    const why = say(reason, reason_clauses);
    const whole = `${why.text.charAt(0).toLocaleUpperCase(language)}${why.text.slice(1)}`.replace(/\.?$/, '.');
    return { sentences: [{ ...why, text: whole }, what], detail: why.text === reason ? null : reason };
  };
}
