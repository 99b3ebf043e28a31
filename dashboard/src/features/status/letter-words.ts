import { useSaid } from '@/components/said';
import { useLanguage } from '@/components/time';
import type { DeadLetter } from '@/data/operations';

interface Words {
  /** Why it failed and what to do, each in its language. */
  sentences: { text: string; lang: 'en' | undefined }[];
  /** The reason in the words of an error or of the server, where the sentences say it otherwise. */
  detail: string | null;
}

/** What is told of a dead letter: the reason where it is a sentence of ours, and always what to do about it. */
export function useLetterWords(): (letter: DeadLetter) => Words {
  const say = useSaid();
  const language = useLanguage();
  return ({ reason, reason_clauses, advice, advice_clauses }) => {
    const what = say(advice, advice_clauses);
    if (reason_clauses.length === 0) return { sentences: [what], detail: reason };
    const why = say(reason, reason_clauses);
    const whole = `${why.text.charAt(0).toLocaleUpperCase(language)}${why.text.slice(1)}`.replace(/\.?$/, '.');
    return { sentences: [{ ...why, text: whole }, what], detail: why.text === reason ? null : reason };
  };
}
