import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';

import { WidgetBoundary } from '@/components/fault';
import { bounds, type Period } from '@/data/activity';
import { isoDay } from '@/lib/format';

import { Durations } from './durations';
import { Funnel } from './funnel';
import { GroupPicker } from './group-picker';
import { Quality } from './quality';

/** What became of messages, and what people thought of the machine's part in it; of all groups or of one. */
export function FromMessageToDone({ period }: { period: Period }) {
  const { t } = useTranslation('analytics');
  const [parameters] = useSearchParams();
  const days = bounds(period, new Date());
  const span = { from: isoDay(days.from), to: isoDay(days.to), chat_id: parameters.get('chat_id')?.slice(0, 255) || undefined };
  return (
    <div role="group" aria-labelledby="analytics-flow" className="space-y-3">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <h3 id="analytics-flow" className="min-w-0 flex-[1_1_12rem] text-sm font-semibold">
          {t('funnel.heading')}
        </h3>
        <GroupPicker {...span} />
      </div>
      <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-2">
        <WidgetBoundary>
          <Funnel {...span} />
        </WidgetBoundary>
        <WidgetBoundary>
          <Quality {...span} />
        </WidgetBoundary>
      </div>
      <WidgetBoundary>
        <Durations {...span} />
      </WidgetBoundary>
    </div>
  );
}
