import { useTranslation } from 'react-i18next';

import { useLanguage } from '@/components/time';
import type { AIOutcome, AIQuality, AIVersion } from '@/data/quality';
import type { RejectReason } from '@/lib/api';
import { formatNumber, formatPercent } from '@/lib/format';

export const decidedOf = ({ right, wrong }: AIQuality['decided']) => right + wrong;

/** What is said of outcomes, shares and versions wherever they stand. */
export function useQualityWords() {
  const { t } = useTranslation('analytics');
  const language = useLanguage();
  return {
    outcome: (outcome: AIOutcome, reason: RejectReason | null) => (reason ? t(`quality.reasons.${reason}`) : t(`quality.outcomes.${outcome}`)),
    /** The share of what was right with its interval; where too few were decided, that. */
    share: (decided: AIQuality['decided'], precision: AIQuality['precision'], least: number) => {
      const count = decidedOf(decided);
      const n = formatNumber(count, language);
      if (!precision) return t('quality.tooFew', { count, n, least: formatNumber(least, language) });
      const percent = (share: number) => formatPercent(share, language);
      return t('quality.precision', { count, n, right: formatNumber(decided.right, language), share: percent(precision.share), low: percent(precision.low), high: percent(precision.high) });
    },
    version: ({ provider, model, prompt_version }: Pick<AIVersion, 'provider' | 'model' | 'prompt_version'>) =>
      [provider === 'local' ? t('quality.local') : provider === 'unknown' ? t('quality.unknown') : provider, model, prompt_version].filter(Boolean).join(' '),
  };
}
