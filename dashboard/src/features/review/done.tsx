import { CircleCheckBig } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { State } from '@/components/states';

import { count, type Decided } from './triage';

/** What this visit has changed, once nothing waits any more. */
export function Done({ decided }: { decided: readonly Decided[] }) {
  const { t } = useTranslation('review');
  const parts = (['accept', 'merge', 'reject', 'snooze'] as const).flatMap((act) => (count(decided, act) > 0 ? [t(`proposals.tally.${act}`, { count: count(decided, act) })] : []));
  return (
    <>
      <State icon={CircleCheckBig} title={t('proposals.allDone')} text={`${parts.join(' · ')}. ${t('proposals.taught')}`} className="min-h-0" />
      <ul aria-label={t('proposals.changed')} className="divide-y divide-border border-t border-border">
        {decided.map(({ proposal, act, task }) => (
          <li key={proposal.id} className="flex min-h-11 flex-wrap items-center gap-x-2 px-4 py-2 text-sm">
            <span className="text-xs text-muted">{t(`proposals.became.${act === 'undo' ? 'accept' : act}`)}</span>
            <span dir="auto" className="min-w-0 grow [overflow-wrap:anywhere]">
              {task ? (
                <Link to={`/tasks/${task.id}`} className="text-primary-text underline underline-offset-4">
                  #{task.id} {task.title}
                </Link>
              ) : (
                proposal.title
              )}
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
