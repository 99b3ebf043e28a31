import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { LinkReason } from '@/components/link-reason';
import { openLinksQuery, useDecideLink } from '@/data/links';
import type { Proposal } from '@/lib/api';

interface Props {
  proposal: Proposal;
  busy: boolean;
  /** Hands the messages to a task that there is. */
  merge: (task: number) => void;
}

/** The tasks that may say the same as a proposal already. */
export function ProposalLinks({ proposal, busy, merge }: Props) {
  const { t } = useTranslation('tasks');
  const { data } = useQuery(openLinksQuery);
  const { decide, busy: deciding } = useDecideLink();
  const links = data?.filter((link) => link.proposal_id === proposal.id) ?? [];
  if (links.length === 0) return null;
  return (
    <ul aria-label={t('links.title')} className="space-y-2">
      {links.map((link) => (
        <li key={link.id} className="rounded-lg border border-border p-3 text-sm">
          <p className="break-words">
            {t('links.title')}:{' '}
            <Link to={`/tasks/${link.kept_task_id}`} className="text-primary-text underline touch-target">
              #{link.kept_task_id} <bdi>{link.task_title}</bdi>
            </Link>
          </p>
          <p className="mt-1 text-xs text-muted">
            <LinkReason link={link} />
          </p>
          <div role="group" aria-label={t('links.acts', { title: `#${link.kept_task_id} ${link.task_title}` })} className="mt-2 flex flex-wrap gap-2">
            <ChangeButton size="sm" disabled={busy || deciding} onClick={() => merge(link.kept_task_id)}>
              {t('links.same')}
            </ChangeButton>
            <ChangeButton size="sm" disabled={busy || deciding} onClick={() => void decide({ act: 'refuse', link: link.id })}>
              {t('links.notSame')}
            </ChangeButton>
          </div>
        </li>
      ))}
    </ul>
  );
}
