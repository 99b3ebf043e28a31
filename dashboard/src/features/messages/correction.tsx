import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Said } from '@/components/said';
import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { api, unwrap, type Message } from '@/lib/api';
import { issueOf } from '@/lib/issue';
import { keys } from '@/lib/query-keys';
import { KINDS, type Kind } from '@/lib/task-values';
import { toast } from '@/lib/toast';
import { useCanChange } from '@/live/live';

/** A person's word about a message, and why it was decided as it was. */
export function Correction({ message }: { message: Message }) {
  const { t } = useTranslation(['messages', 'common']);
  const cache = useQueryClient();
  const errorText = useErrorText();
  const canChange = useCanChange();
  const id = useId();
  const now = issueOf(message.classification)?.category ?? (message.classification ? 'noise' : '');
  const params = { path: { id: message.id } };
  const correct = useMutation({
    mutationFn: (said: Kind | 'noise' | null) => {
      if (said === null) return unwrap(api.DELETE('/api/messages/{id}/classification', { params }));
      const body = said === 'noise' ? { is_issue: false } : { is_issue: true, category: said };
      return unwrap(api.PUT('/api/messages/{id}/classification', { params, body }));
    },
    onError: (error) => toast.error(t('correct.failed'), { description: errorText(error) }),
    onSettled: () => void cache.invalidateQueries({ queryKey: keys.messages.detail(message.id) }),
  });
  return (
    <div className="mt-3 space-y-2">
      <div className="flex flex-wrap items-center gap-2 text-sm">
        <label htmlFor={id} className="text-muted">
          {t('correct.label')}
        </label>
        <select
          id={id}
          value={now}
          disabled={correct.isPending || !canChange}
          onChange={(event) => correct.mutate(event.target.value as Kind | 'noise')}
          className="h-9 rounded-md border border-border bg-background px-2 text-sm pointer-coarse:h-11"
        >
          {now === '' ? <option value="">{t('correct.undecided')}</option> : null}
          <option value="noise">{t('nothingToDo')}</option>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`common:category.${kind}`)}
            </option>
          ))}
        </select>
        {message.classification?.provider === 'user' ? (
          <ChangeButton size="sm" disabled={correct.isPending} onClick={() => correct.mutate(null)}>
            {t('correct.takeBack')}
          </ChangeButton>
        ) : null}
      </div>
      <Why id={message.id} />
    </div>
  );
}

const focus = (element: HTMLElement | null) => element?.focus();

/** The server's answer to why a message became a task, or why not; asked for on demand. */
function Why({ id }: { id: number }) {
  const { t } = useTranslation('messages');
  const errorText = useErrorText();
  const [asked, setAsked] = useState(false);
  const receipt = useQuery({
    queryKey: [...keys.messages.detail(id), 'receipt'],
    queryFn: ({ signal }) => unwrap(api.GET('/api/messages/{id}/receipt', { params: { path: { id } }, signal })),
    enabled: asked,
  });
  if (!asked) {
    return (
      <Button size="sm" variant="ghost" onClick={() => setAsked(true)}>
        {t('why.ask')}
      </Button>
    );
  }
  const judged = receipt.data?.judgements[0];
  // A model does not say which rules fired; the built-in classifier does.
  const rules = judged?.signals.map((name) => ({ code: `signal_${name}`, values: {} })).filter(({ code }) => !judged.reason_clauses.some((clause) => clause.code === code)) ?? [];
  return (
    // The button that was pressed is gone: who asked by keyboard goes on from the answer.
    <div ref={focus} tabIndex={-1} role="status" className="space-y-1 text-sm outline-none">
      {receipt.data ? <p className="text-pretty"><Said sentence={receipt.data.answer} clauses={receipt.data.answer_clauses} /></p> : <p className="text-muted">{receipt.error ? errorText(receipt.error) : t('why.loading')}</p>}
      {judged?.reason ? (
        <p className="text-xs text-muted">
          <Said sentence={judged.reason} clauses={judged.reason_clauses} /> {rules.length > 0 ? <Said sentence={judged.signals.join(', ')} clauses={rules} /> : null} ({judged.provider === 'local' ? t('judge.local') : judged.provider} {judged.model} {judged.prompt_version})
        </p>
      ) : null}
    </div>
  );
}
