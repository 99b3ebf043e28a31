import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { BarList } from '@/components/charts/bar-list';
import { ChartCard } from '@/components/charts/chart-card';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock } from '@/components/states';
import { useLanguage } from '@/components/time';
import { chatActivityQuery } from '@/data/activity';
import { formatNumber, formatPercent } from '@/lib/format';
import { pathWith } from '@/lib/url-state';

/** More bars than this are read in the table. */
const BARS = 8;

/** Messages of each chat in the period. */
export function ChatShares({ from, to }: { from: string; to: string }) {
  const { t } = useTranslation(['analytics', 'common']);
  const language = useLanguage();
  const { data, error, refetch } = useQuery(chatActivityQuery(from, to));
  if (!data) {
    return <Card title={t('activity.byChat')}>{error ? <ErrorState error={error} retry={() => void refetch()} /> : <LoadingBlock className="min-h-56" />}</Card>;
  }
  const total = data.reduce((sum, { count }) => sum + count, 0);
  const share = (n: number) => (total > 0 ? formatPercent(n / total, language) : '');
  const chats = data.map(({ source, chat_id, chat_name, count }) => ({
    key: `${source} ${chat_id}`,
    name: chat_name ?? (chat_id || source),
    count,
    to: pathWith('/messages', { source, chat_id, date_from: from, date_to: to }),
  }));
  const [most] = chats;
  return (
    <ChartCard
      title={t('activity.byChat')}
      summary={most ? t('activity.byChatSummary', { count: chats.length, n: formatNumber(chats.length, language), chat: most.name, share: share(most.count) }) : t('activity.emptyTitle')}
      columns={[t('activity.chat'), t('activity.count'), t('distribution.share')]}
      rows={chats.map(({ key, name, count, to: path }) => ({ key, cells: [<bdi key="name">{name}</bdi>, formatNumber(count, language), share(count)], to: path }))}
    >
      <BarList total={total} bars={chats.slice(0, BARS).map(({ key, name, count, to: path }) => ({ key, label: <bdi>{name}</bdi>, count, to: path }))} />
    </ChartCard>
  );
}
