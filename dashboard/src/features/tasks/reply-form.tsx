import { useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { Textarea } from '@/components/ui/textarea';
import { LONGEST, Unsaid, useSay } from '@/data/say';
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

export function ReplyForm({ task, message, text, again, onText }: FormProps) {
  const { t } = useTranslation(['tasks', 'common']);
  const cache = useQueryClient();
  const id = useId();
  const saying = useSay(
    () => unwrap(api.POST('/api/tasks/{id}/replies', { params: { path: { id: task.id } }, body: { message_id: message.id, text } })),
    () => {
      toast.success(t('reply.sent'));
      void cache.invalidateQueries({ queryKey: keys.tasks.history(task.id) });
      onText(null);
    },
  );
  return (
    <form
      className="mt-1 w-full space-y-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') void saying.send();
      }}
    >
      <Textarea
        aria-label={t('reply.text')}
        aria-describedby={`${id}hint ${id}fault`}
        aria-invalid={saying.fault !== null}
        rows={3}
        maxLength={LONGEST}
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
      <Unsaid id={`${id}fault`} of={saying} />
      <EditActions disabled={saying.sending || saying.noBot || text.trim() === ''} again={again} act={saying.sending ? t('reply.sending') : t('reply.send')} onCancel={() => onText(null)} />
    </form>
  );
}
