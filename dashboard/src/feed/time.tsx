import type { Language } from '../i18n/texts';

/** A moment in the reader's own time zone: the clock for today, with the date otherwise. */
export function Time({ at, language }: { at: string; language: Language }) {
  const moment = new Date(at);
  const today = moment.toDateString() === new Date().toDateString();
  const clock: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
  const shown = today
    ? moment.toLocaleTimeString(language, clock)
    : moment.toLocaleString(language, { ...clock, day: 'numeric', month: 'short' });
  return (
    <time dateTime={at} title={moment.toLocaleString(language)}>
      {shown}
    </time>
  );
}
