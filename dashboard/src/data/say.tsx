import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import type { components } from '@/api/schema';
import { CauseAndFix, type Finding } from '@/components/cause-and-fix';
import { useErrorText } from '@/components/states';
import { settingsQuery } from '@/data/telegram';

/** The most that Telegram takes as one message, in UTF-16 code units, as texts of this language are measured. */
export const LONGEST = 4096;

export interface Saying {
  sending: boolean;
  /** Why it is not, or perhaps not, in the chat. */
  fault: Finding | null;
  noBot: boolean;
  send: () => Promise<void>;
}

/** Has the bot say something in a chat. The bot is asked for when this is shown; until then nothing of it is loaded. */
export function useSay(say: () => Promise<components['schemas']['ChatReplyResult']>, onSaid: () => void): Saying {
  const errorText = useErrorText();
  const { data: settings } = useQuery(settingsQuery);
  const [sending, setSending] = useState(false);
  const [fault, setFault] = useState<Finding | null>(null);
  const noBot = settings?.telegram.bot_token === '';
  const send = async () => {
    if (sending || noBot) return;
    setSending(true);
    setFault(null);
    try {
      const answer = await say();
      if (answer.success) {
        onSaid();
        return;
      }
      setFault({ ...answer, cause: answer.error });
    } catch (error) {
      setFault({ cause: errorText(error) });
    }
    setSending(false);
  };
  return { sending, fault, noBot, send };
}

/** What stands in the way of saying something. */
export function Unsaid({ id, of: { fault, noBot } }: { id: string; of: Saying }) {
  const { t } = useTranslation('hearing');
  return (
    <div id={id} role="alert" className="text-danger">
      {fault ? <CauseAndFix of={fault} /> : null}
      {noBot ? (
        <>
          {t('say.noBot')}{' '}
          <Link to="/settings" className="underline">
            {t('say.connect')}
          </Link>
        </>
      ) : null}
    </div>
  );
}
