import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { CauseAndFix, type Finding } from '@/components/cause-and-fix';
import { useErrorText } from '@/components/states';
import { Textarea } from '@/components/ui/textarea';
import { settingsQuery } from '@/data/telegram';
import { api, unwrap, type Message, type Task } from '@/lib/api';
import { keys } from '@/lib/query-keys';
import { toast } from '@/lib/toast';

import { EditActions } from './edit';

export interface ReplyProps {
  task: Task;
  /** One of the task's, from Telegram. */
  message: Message;
}

interface FormProps extends ReplyProps {
  text: string;
  again: boolean;
  /** Null closes the form. */
  onText: (text: string | null) => void;
}

/** The bot is asked for when this is shown; until then nothing of it is loaded. */
export function ReplyForm({ task, message, text, again, onText }: FormProps) {
  const { t } = useTranslation(['tasks', 'common']);
  const cache = useQueryClient();
  const errorText = useErrorText();
  const { data: settings } = useQuery(settingsQuery);
  const [sending, setSending] = useState(false);
  const [fault, setFault] = useState<Finding | null>(null);
  const id = useId();
  const noBot = settings?.telegram.bot_token === '';
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (sending || noBot || text.trim() === '') return;
    setSending(true);
    setFault(null);
    try {
      const answer = await unwrap(api.POST('/api/tasks/{id}/replies', { params: { path: { id: task.id } }, body: { message_id: message.id, text } }));
      if (answer.success) {
        toast.success(t('reply.sent'));
        void cache.invalidateQueries({ queryKey: keys.tasks.history(task.id) });
        onText(null);
        return;
      }
      setFault({ ...answer, cause: answer.error });
    } catch (error) {
      setFault({ cause: errorText(error) });
    }
    setSending(false);
  };
  return (
    <form className="mt-1 w-full space-y-2" onSubmit={(event) => void send(event)}>
      <Textarea
        aria-label={t('reply.text')}
        aria-describedby={`${id}hint ${id}fault`}
        aria-invalid={fault !== null}
        rows={3}
        maxLength={4096}
        value={text}
        autoFocus={!again}
        onChange={(event) => onText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.form?.requestSubmit();
          if (event.key !== 'Escape') return;
          event.preventDefault();
          onText(null);
        }}
      />
      <p id={`${id}hint`} className="text-muted">
        {t('reply.hint', { chat: message.chat_name ?? message.chat_id ?? message.source_name })}
      </p>
      <div id={`${id}fault`} role="alert" className="text-danger">
        {fault ? <CauseAndFix of={fault} /> : null}
        {noBot ? (
          <>
            {t('reply.noBot')}{' '}
            <Link to="/settings" className="underline">
              {t('reply.connect')}
            </Link>
          </>
        ) : null}
      </div>
      <EditActions disabled={sending || noBot || text.trim() === ''} again={again} act={sending ? t('reply.sending') : t('reply.send')} onCancel={() => onText(null)} />
    </form>
  );
}
