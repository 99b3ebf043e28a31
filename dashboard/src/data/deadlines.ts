import { useCallback, useSyncExternalStore } from 'react';

import { useLanguage } from '@/components/time';
import { api, unwrap } from '@/lib/api';
import { deadlineOf } from '@/lib/deadline';
import { formatClock, formatDay, formatExact, formatFullDay } from '@/lib/format';

/** Null until the server has said it, and where it does not know: the reader's own zone serves then. */
let zone: string | null = null;
let asked = false;
const listeners = new Set<() => void>();

async function ask(): Promise<void> {
  asked = true;
  try {
    zone = (await unwrap(api.GET('/api/config'))).chatTimeZone;
    for (const listener of listeners) listener();
  } catch {
    asked = false; // whoever shows a deadline next asks again
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!asked) void ask();
  return () => {
    listeners.delete(listener);
  };
}

/** The zone in which the team names days. A store and no query: every row of a list asks for it. */
export const useChatZone = (): string | null => useSyncExternalStore(subscribe, () => zone);

/** Forgets the zone, so that a test may answer another one. */
export function forgetChatZone(): void {
  zone = null;
  asked = false;
}

/** How a deadline is said: `day` where there is little room, `text` with its time where it has one, `exact` on hover. */
export function useDeadlineWords(): (dueAt: string) => { day: string; text: string; exact: string } {
  const language = useLanguage();
  const chatZone = useChatZone();
  return useCallback(
    (dueAt) => {
      const { at, wholeDay } = deadlineOf(dueAt, chatZone);
      const day = formatDay(at, language);
      return { day, text: wholeDay ? day : `${day}, ${formatClock(at, language)}`, exact: wholeDay ? formatFullDay(at, language) : formatExact(at, language) };
    },
    [language, chatZone],
  );
}
