import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';
import type { TaskLink } from '@/lib/api';
import { formatPercent } from '@/lib/format';

/** How alike two are and by which words, in a sentence. */
export function LinkReason({ link }: { link: TaskLink }) {
  const { t } = useTranslation('tasks');
  const language = useLanguage();
  if (link.score === null) return <>{t('links.byPerson', { who: link.created_by })}</>;
  const share = formatPercent(link.score, language);
  return <>{link.shared.length > 0 ? t('links.reason', { share, words: link.shared.join(', ') }) : t('links.score', { share })}</>;
}
