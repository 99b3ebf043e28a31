import { useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Input } from '@/components/ui/input';
import { Kbd } from '@/components/ui/kbd';
import { Label } from '@/components/ui/label';
import type { Decision } from '@/data/proposals';
import { TaskFinder } from '@/data/tasks/task-finder';
import type { Proposal, RejectReason, TaskCategory, TaskPriority } from '@/lib/api';
import { KINDS, PRIORITIES } from '@/lib/task-values';
import { useCanChange } from '@/live/live';

interface Props {
  busy: boolean;
  decide: (decision: Decision) => void;
}

const look = 'h-9 rounded-md border border-border-strong/60 bg-surface px-2 text-sm coarse:h-11';

/** Who opened a panel by a key goes on typing in it. */
function useFirst<T extends HTMLElement>() {
  const first = useRef<T>(null);
  useEffect(() => first.current?.focus(), []);
  return first;
}

export const REASONS: readonly RejectReason[] = ['noise', 'duplicate', 'not_actionable', 'already_done', 'other'];

/** A reason is needed: it is what the classifier is measured by. */
export function RejectPanel({ busy, decide }: Props) {
  const { t } = useTranslation('review');
  const first = useFirst<HTMLButtonElement>();
  return (
    <div role="group" aria-label={t('proposals.reason')} className="flex flex-wrap items-center gap-2">
      <span aria-hidden className="text-xs font-medium">
        {t('proposals.reason')}
      </span>
      {REASONS.map((reason, i) => (
        <ChangeButton key={reason} {...(i === 0 ? { ref: first } : {})} disabled={busy} aria-keyshortcuts={String(i + 1)} onClick={() => decide({ act: 'reject', reason })}>
          {t(`proposals.reasons.${reason}`)}
          <span aria-hidden className="coarse:hidden">
            <Kbd keys={String(i + 1)} />
          </span>
        </ChangeButton>
      ))}
    </div>
  );
}

/** Accept with other words. */
export function EditPanel({ proposal, busy, decide }: Props & { proposal: Proposal }) {
  const { t } = useTranslation(['review', 'common']);
  const canChange = useCanChange();
  const id = useId();
  const first = useFirst<HTMLInputElement>();
  const [title, setTitle] = useState(proposal.title);
  const [category, setCategory] = useState(proposal.category);
  const [priority, setPriority] = useState(proposal.priority);
  return (
    <form
      data-changed={title !== proposal.title || category !== proposal.category || priority !== proposal.priority}
      className="flex flex-wrap items-end gap-3 rounded-lg border border-border bg-surface p-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && canChange && title.trim()) decide({ act: 'accept', body: { title: title.trim(), category, priority } });
      }}
    >
      <div className="flex min-w-64 grow flex-col gap-1">
        <Label htmlFor={`${id}-title`}>{t('proposals.taskTitle')}</Label>
        <Input ref={first} id={`${id}-title`} required maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
      </div>
      <div className="flex flex-col gap-1">
        <Label htmlFor={`${id}-category`}>{t('common:category.label')}</Label>
        <select id={`${id}-category`} value={category} onChange={(event) => setCategory(event.target.value as TaskCategory)} className={look}>
          {KINDS.map((name) => (
            <option key={name} value={name}>
              {t(`common:category.${name}`)}
            </option>
          ))}
        </select>
      </div>
      <div className="flex flex-col gap-1">
        <Label htmlFor={`${id}-priority`}>{t('common:priority.label')}</Label>
        <select id={`${id}-priority`} value={priority} onChange={(event) => setPriority(event.target.value as TaskPriority)} className={look}>
          {PRIORITIES.map((name) => (
            <option key={name} value={name}>
              {t(`common:priority.${name}`)}
            </option>
          ))}
        </select>
      </div>
      <ChangeButton type="submit" variant="primary" disabled={busy}>
        {t('proposals.acceptEdited')}
      </ChangeButton>
    </form>
  );
}

/** Hand the messages to a task that there is: found by its words, or by its number. */
export function DuplicatePanel({ busy, decide }: Props) {
  const { t } = useTranslation('review');
  return (
    <div className="space-y-2 rounded-lg border border-border bg-surface p-3">
      <TaskFinder act={t('proposals.merge')} actOn={(title) => t('proposals.mergeInto', { title })} busy={busy} onPick={(task) => decide({ act: 'merge', task: task.id })} />
    </div>
  );
}
