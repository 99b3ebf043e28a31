import i18next from 'i18next';
import { useEffect, useReducer, useSyncExternalStore } from 'react';

import { Tooltip } from '@/components/ui/tooltip';
import { cn } from '@/lib/cn';
import { formatClock, formatDay, formatExact, formatRelative, relativeLifetime } from '@/lib/format';
import type { Language } from '@/lib/preferences';

function onLanguage(listener: () => void): () => void {
  i18next.on('languageChanged', listener);
  return () => i18next.off('languageChanged', listener);
}

/** Each row asks for it, and useTranslation copies i18next for each that asks. */
export function useLanguage(): Language {
  return useSyncExternalStore(onLanguage, () => (i18next.language === 'uk' ? 'uk' : 'en'));
}

interface TimeProps {
  /** RFC 3339. */
  at: string;
  className?: string;
  /** Takes the focus, so that the exact time is reached by keyboard. Off in rows, whose detail has it. */
  focusable?: boolean;
}

/** What is past can lie ahead only by a clock that is wrong, the reader's as a rule: the time itself is then all that is true. */
const isAhead = (moment: Date) => moment.getTime() - Date.now() > 60_000;

/** "2 min ago", kept true as time passes; the exact moment in the reader's zone on hover and focus. */
export function RelativeTime({ at, className, focusable = false }: TimeProps) {
  const language = useLanguage();
  const moment = new Date(at);
  const [, tick] = useReducer((n: number) => n + 1, 0);
  const lifetime = relativeLifetime(moment);
  useEffect(() => {
    const timer = setInterval(tick, lifetime);
    return () => clearInterval(timer);
  }, [lifetime]);
  const text = isAhead(moment) ? `${formatDay(moment, language)}, ${formatClock(moment, language)}` : formatRelative(moment, language);
  if (!focusable) {
    return (
      <time dateTime={at} title={formatExact(moment, language)} className={cn('whitespace-nowrap tabular-nums', className)}>
        {text}
      </time>
    );
  }
  return (
    <Tooltip label={formatExact(moment, language)}>
      <time dateTime={at} tabIndex={0} className={cn('rounded-sm whitespace-nowrap tabular-nums', className)}>
        {text}
      </time>
    </Tooltip>
  );
}

/** The clock today, the day before that. For dense rows: it needs no timer. */
export function ShortTime({ at, className }: TimeProps) {
  const language = useLanguage();
  const moment = new Date(at);
  const today = moment.toDateString() === new Date().toDateString();
  return (
    <time dateTime={at} title={formatExact(moment, language)} className={cn('whitespace-nowrap tabular-nums', className)}>
      {today ? formatClock(moment, language) : formatDay(moment, language)}
    </time>
  );
}
