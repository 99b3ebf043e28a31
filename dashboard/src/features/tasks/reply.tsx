import { Reply } from 'lucide-react';
import { Suspense, useId } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { useFocusAfter } from '@/lib/choice';
import { useDraft } from '@/lib/drafts';
import { part } from '@/lib/part';

import type { ReplyProps } from './reply-form';

const ReplyForm = part(async () => (await import('./reply-form')).ReplyForm);

/** Says where it was asked what has become of it: what is sent is what stands in the field. */
export function ReplyInChat({ task, message }: ReplyProps) {
  const { t } = useTranslation('tasks');
  const suggestion = t(`reply.suggestion.${task.status}`, { id: task.id, title: task.title });
  const [draft, setDraft, again] = useDraft(`task.${task.id}.reply.${message.id}`, suggestion);
  const id = useId();
  useFocusAfter(draft !== null, () => document.getElementById(id)?.focus());
  if (draft === null) {
    return (
      <ChangeButton id={id} size="sm" variant="link" className="h-auto gap-1 px-0 font-normal [&_svg]:size-3.5" onClick={() => setDraft(suggestion)}>
        <Reply aria-hidden />
        {t('reply.open')}
      </ChangeButton>
    );
  }
  return (
    <Suspense fallback={null}>
      <ReplyForm task={task} message={message} text={draft} again={again} onText={setDraft} />
    </Suspense>
  );
}
