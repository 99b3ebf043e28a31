import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { BarList } from '@/components/charts/bar-list';
import { ChartCard } from '@/components/charts/chart-card';
import { useLanguage } from '@/components/time';
import type { AIQuality } from '@/data/quality';
import { formatNumber } from '@/lib/format';

import { decisionsPath } from './decision-filter';
import { decidedOf, useQualityWords } from './quality-words';

/** The versions of who judges beside each other, where more than one judged. */
export function Versions({ quality: { versions, least_decided: least } }: { quality: AIQuality }) {
  const { t } = useTranslation('analytics');
  const language = useLanguage();
  const [parameters] = useSearchParams();
  const { share, version: name } = useQualityWords();
  return (
    <ChartCard
      title={t('versions.title')}
      summary={versions.map((each) => `${name(each)}: ${share(each.decided, each.precision, least)}`).join(' ')}
      columns={[t('versions.version'), t('versions.right'), t('versions.wrong'), t('versions.precision')]}
      rows={versions.map((each) => ({
        key: each.version,
        cells: [name(each), formatNumber(each.decided.right, language), formatNumber(each.decided.wrong, language), share(each.decided, each.precision, least)],
        links: [undefined, decisionsPath(parameters, { right: true, version: each.version }), decisionsPath(parameters, { right: false, version: each.version })],
      }))}
    >
      <BarList
        wide
        total={0}
        bars={versions.map((each) => ({
          key: each.version,
          label: <bdi>{name(each)}</bdi>,
          count: each.decided.right,
          of: each.precision ? decidedOf(each.decided) : 0,
          to: decisionsPath(parameters, { right: true, version: each.version }),
        }))}
      />
    </ChartCard>
  );
}
