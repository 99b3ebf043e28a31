import { formatPercent } from '@/lib/format';
import type { Language } from '@/lib/preferences';

/** A share of a whole, in whole percent: a little is not nothing, and not quite all is not all. */
export function shareText(count: number, of: number, language: Language): string {
  if (of <= 0) return '';
  const share = count / of;
  if (share > 0 && share < 0.005) return `<${formatPercent(0.01, language)}`;
  if (share < 1 && share >= 0.995) return `>${formatPercent(0.99, language)}`;
  return formatPercent(share, language);
}
