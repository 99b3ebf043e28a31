import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { CategoryChip, PriorityChip } from '@/components/chips';
import { ChangeButton } from '@/components/guarded';
import { RelativeTime, useLanguage } from '@/components/time';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { useDecide, type Decision } from '@/data/proposals';
import type { Proposal, RejectReason, TaskCategory, TaskPriority } from '@/lib/api';
import { addDays, formatPercent } from '@/lib/format';
import { PRIORITIES } from '@/lib/task-values';

import { ProposalLinks } from './proposal-links';

interface Props {
  proposal: Proposal;
  open: boolean;
  onOpen: (open: boolean) => void;
}

/** One proposal: what, how sure and why, the words that decided, and what a person can do about it. */
export function ProposalCard({ proposal, open, onOpen }: Props) {
  const { t } = useTranslation(['review', 'common']);
  const language = useLanguage();
  const { decide, busy } = useDecide(proposal);
  const first = proposal.message_ids[0];
  return (
    <li className="space-y-2 p-4">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="min-w-0 grow font-medium text-pretty [overflow-wrap:anywhere]">{proposal.title}</h3>
        <CategoryChip category={proposal.category} />
        <PriorityChip priority={proposal.priority} />
      </div>
      <p className="text-xs text-muted">
        {t('proposals.sureness', { share: formatPercent(proposal.confidence, language) })} · {proposal.source} · <RelativeTime at={proposal.created_at} />
        {first === undefined ? null : (
          <>
            {' · '}
            <Link to={`/messages?id=${first}`} className="underline">
              {t('proposals.openMessage')}
            </Link>
          </>
        )}
      </p>
      {proposal.quote ? <blockquote className="border-l-2 border-border pl-3 text-sm [overflow-wrap:anywhere]">{proposal.quote}</blockquote> : null}
      {proposal.reason ? <p className="text-sm text-muted">{proposal.reason}</p> : null}
      <ProposalLinks proposal={proposal} busy={busy} merge={(task) => void decide({ act: 'merge', task })} />
      <Acts proposal={proposal} busy={busy} open={open} onOpen={onOpen} decide={decide} />
      {open ? <EditForm proposal={proposal} busy={busy} decide={decide} /> : null}
    </li>
  );
}

const REASONS: readonly RejectReason[] = ['noise', 'duplicate', 'not_actionable', 'already_done', 'other'];

type Decide = (decision: Decision) => Promise<boolean>;

function Acts({ proposal, busy, open, onOpen, decide }: Props & { busy: boolean; decide: Decide }) {
  const { t } = useTranslation(['review', 'common']);
  const tomorrow = () => addDays(new Date(), 1).toISOString();
  const named = { disabled: busy };
  return (
    <div role="group" aria-label={t('proposals.acts', { title: proposal.title })} className="flex flex-wrap gap-2">
      <ChangeButton {...named} variant="primary" onClick={() => void decide({ act: 'accept', body: {} })}>
        {t('proposals.accept')}
      </ChangeButton>
      <ChangeButton {...named} aria-expanded={open} onClick={() => onOpen(!open)}>
        {t('proposals.edit')}
      </ChangeButton>
      <ChangeButton {...named} onClick={() => void decide({ act: 'snooze', until: tomorrow() })}>
        {t('proposals.snooze')}
      </ChangeButton>
      <Reject busy={busy} decide={decide} />
    </div>
  );
}

/** A reason is needed: it is what the classifier is measured by. */
function Reject({ busy, decide }: { busy: boolean; decide: Decide }) {
  const { t } = useTranslation('review');
  const id = useId();
  const [reason, setReason] = useState<RejectReason>('noise');
  return (
    <span className="flex items-center gap-2">
      <label htmlFor={id} className="sr-only">
        {t('proposals.reason')}
      </label>
      <select id={id} value={reason} onChange={(event) => setReason(event.target.value as RejectReason)} className="h-9 rounded-md border border-border bg-background px-2 text-sm pointer-coarse:h-11">
        {REASONS.map((name) => (
          <option key={name} value={name}>
            {t(`proposals.reasons.${name}`)}
          </option>
        ))}
      </select>
      <ChangeButton disabled={busy} onClick={() => void decide({ act: 'reject', reason })}>
        {t('proposals.reject')}
      </ChangeButton>
    </span>
  );
}

const CATEGORIES: readonly TaskCategory[] = ['bug', 'feature', 'improvement', 'question', 'chore'];

/** Accept with other words, or hand the messages to a task that there is. */
function EditForm({ proposal, busy, decide }: { proposal: Proposal; busy: boolean; decide: Decide }) {
  const { t } = useTranslation(['review', 'common']);
  const id = useId();
  const [title, setTitle] = useState(proposal.title);
  const [category, setCategory] = useState(proposal.category);
  const [priority, setPriority] = useState(proposal.priority);
  const [task, setTask] = useState('');
  const look = 'h-9 rounded-md border border-border bg-background px-2 text-sm pointer-coarse:h-11';
  return (
    <div className="space-y-3 rounded-lg border border-border p-3">
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && title.trim()) void decide({ act: 'accept', body: { title: title.trim(), category, priority } });
        }}
      >
        <div className="flex min-w-64 grow flex-col gap-1">
          <Label htmlFor={`${id}-title`}>{t('proposals.taskTitle')}</Label>
          <Input id={`${id}-title`} required maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
        </div>
        <div className="flex flex-col gap-1">
          <Label htmlFor={`${id}-category`}>{t('common:category.label')}</Label>
          <select id={`${id}-category`} value={category} onChange={(event) => setCategory(event.target.value as TaskCategory)} className={look}>
            {CATEGORIES.map((name) => (
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
      <form
        className="flex flex-wrap items-end gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && Number(task) > 0) void decide({ act: 'merge', task: Number(task) });
        }}
      >
        <div className="flex flex-col gap-1">
          <Label htmlFor={`${id}-task`}>{t('proposals.mergeInto')}</Label>
          <Input id={`${id}-task`} type="number" min={1} step={1} required value={task} onChange={(event) => setTask(event.target.value)} className="w-32" />
        </div>
        <ChangeButton type="submit" disabled={busy}>
          {t('proposals.merge')}
        </ChangeButton>
      </form>
    </div>
  );
}
