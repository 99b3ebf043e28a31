import { useTranslation } from 'react-i18next';

import { CategoryChip, PriorityChip } from '@/components/chips';
import { useLanguage } from '@/components/time';
import type { Proposal } from '@/lib/api';
import { formatPercent } from '@/lib/format';

import { Due } from './due';

/** A proposal that waits while another is looked at. */
export function ProposalRow({ proposal: { title, category, priority, confidence, due_at }, onChoose }: { proposal: Proposal; onChoose: () => void }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  return (
    <li>
      <button type="button" onClick={onChoose} className="flex min-h-11 w-full flex-wrap items-center gap-x-2 gap-y-1 px-4 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2">
        <span dir="auto" className="min-w-0 grow text-sm [overflow-wrap:anywhere]">
          {title}
        </span>
        <Due due_at={due_at} />
        <CategoryChip category={category} />
        <PriorityChip priority={priority} />
        <span className="text-xs text-muted tabular-nums">{t('proposals.sureness', { share: formatPercent(confidence, language) })}</span>
      </button>
    </li>
  );
}
