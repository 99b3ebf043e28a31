import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { LinkReason } from '@/components/link-reason';
import { ErrorState } from '@/components/states';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { taskLinksQuery, useDecideLink, type LinkAct } from '@/data/links';
import type { Task, TaskLink } from '@/lib/api';

/** What may be the same as the task, what was merged into it or attached to it, and what it was merged into. */
export function Links({ task }: { task: Task }) {
  const { t } = useTranslation('tasks');
  const query = useQuery(taskLinksQuery(task.id));
  const { decide, busy } = useDecideLink();
  const links = query.data ?? [];
  const open = links.filter((link) => link.status === 'open' && (link.other_task_id !== null || link.proposal_id !== null));
  const rest = links.filter((link) => link.status !== 'open');
  const act = (what: LinkAct) => void decide(what);
  return (
    <section aria-label={t('links.title')} className="space-y-2">
      {task.duplicate_of_id === null ? null : (
        <p className="rounded-lg border border-border bg-background p-3 text-sm">
          {t('links.mergedInto')}{' '}
          <Link to={`/tasks/${task.duplicate_of_id}`} className="text-primary-text underline touch-target">
            #{task.duplicate_of_id}
          </Link>
        </p>
      )}
      {query.isError ? <ErrorState error={query.error} retry={() => void query.refetch()} /> : null}
      {open.length > 0 ? (
        <>
          <h3 className="text-xs font-semibold text-muted">{t('links.title')}</h3>
          <ul className="space-y-2">
            {open.map((link) => (
              <Question key={link.id} task={task} link={link} busy={busy} act={act} />
            ))}
          </ul>
        </>
      ) : null}
      {rest.length > 0 || task.duplicate_of_id === null ? (
        <details className="text-sm">
          <summary className="cursor-pointer text-xs font-semibold text-muted coarse:py-3.5">{rest.length > 0 ? t('links.more', { count: rest.length }) : t('links.none')}</summary>
          <ul className="mt-2 space-y-2">
            {rest.map((link) => (
              <Decided key={link.id} task={task} link={link} busy={busy} act={act} />
            ))}
          </ul>
          {task.duplicate_of_id === null ? <MergeForm task={task} busy={busy} decide={decide} /> : null}
        </details>
      ) : null}
    </section>
  );
}

interface ItemProps {
  task: Task;
  link: TaskLink;
  busy: boolean;
  act: (what: LinkAct) => void;
}

/** The other end of a link, seen from a task. */
function otherEnd(task: Task, link: TaskLink): { title: string; to: string; name: string } {
  if (link.task_id !== task.id) return { title: link.task_title, to: `/tasks/${link.task_id}`, name: `#${link.task_id}` };
  if (link.other_task_id !== null) return { title: link.other_title, to: `/tasks/${link.other_task_id}`, name: `#${link.other_task_id}` };
  return { title: link.other_title, to: '/review', name: '' };
}

function Other({ task, link }: Pick<ItemProps, 'task' | 'link'>) {
  const other = otherEnd(task, link);
  return (
    <Link to={other.to} className="text-primary-text underline touch-target">
      {other.name} <bdi>{other.title}</bdi>
    </Link>
  );
}

function Question({ task, link, busy, act }: ItemProps) {
  const { t } = useTranslation('tasks');
  const { title, name } = otherEnd(task, link);
  return (
    <li className="rounded-lg border border-border bg-background p-3">
      <p className="break-words">
        {link.proposal_id === null ? null : `${t('links.proposal')} `}
        <Other task={task} link={link} />
      </p>
      <p className="mt-1 text-xs text-muted">
        <LinkReason link={link} />
      </p>
      <div role="group" aria-label={t('links.acts', { title: `${name} ${title}`.trim() })} className="mt-2 flex flex-wrap gap-2">
        {link.proposal_id === null ? (
          <ChangeButton size="sm" variant="primary" disabled={busy} onClick={() => act({ act: 'accept', link: link.id })}>
            {t('links.same')}
          </ChangeButton>
        ) : null}
        <ChangeButton size="sm" disabled={busy} onClick={() => act({ act: 'refuse', link: link.id })}>
          {t('links.notSame')}
        </ChangeButton>
      </div>
    </li>
  );
}

function Decided({ task, link, busy, act }: ItemProps) {
  const { t } = useTranslation('tasks');
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span className="min-w-0 grow">
        {t(`links.status.${link.status}`)} {link.status === 'attached' ? null : <Other task={task} link={link} />}
        <span className="block text-xs text-muted">
          <LinkReason link={link} />
        </span>
      </span>
      {link.status === 'attached' ? (
        <ChangeButton size="sm" disabled={busy} onClick={() => act({ act: 'refuse', link: link.id })}>
          {t('links.detach')}
        </ChangeButton>
      ) : link.undoable ? (
        <ChangeButton size="sm" disabled={busy} onClick={() => act({ act: 'undo', link: link.id })}>
          {t('links.undo')}
        </ChangeButton>
      ) : null}
    </li>
  );
}

/** What the machine did not see, a person may. */
function MergeForm({ task, busy, decide }: { task: Task; busy: boolean; decide: (what: LinkAct) => Promise<boolean> }) {
  const { t } = useTranslation('tasks');
  const id = useId();
  const [into, setInto] = useState('');
  const itself = Number(into) === task.id;
  return (
    <form
      className="mt-3 flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy && !itself && Number(into) > 0) void decide({ act: 'merge', task: task.id, into: Number(into) }).then((done) => done && setInto(''));
      }}
    >
      <div className="flex flex-col gap-1">
        <Label htmlFor={id}>{t('links.into')}</Label>
        <Input id={id} type="number" min={1} step={1} required value={into} onChange={(event) => setInto(event.target.value)} aria-invalid={itself} aria-describedby={itself ? `${id}-fault` : undefined} className="w-36" />
      </div>
      <ChangeButton type="submit" disabled={busy || itself}>
        {t('links.merge')}
      </ChangeButton>
      {itself ? (
        <p id={`${id}-fault`} role="alert" className="w-full text-xs text-danger">
          {t('links.itself')}
        </p>
      ) : null}
    </form>
  );
}
