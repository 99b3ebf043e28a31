import { CircleCheck, CircleHelp, CircleX, EarOff, Loader, TriangleAlert, type LucideIcon } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { Badge, type Tone } from '@/components/ui/badge';
import type { GroupHearing } from '@/data/telegram';

const looks: Record<GroupHearing['state'], { icon: LucideIcon; tone: Tone }> = {
  heard: { icon: CircleCheck, tone: 'success' },
  partly: { icon: TriangleAlert, tone: 'warning' },
  absent: { icon: EarOff, tone: 'danger' },
  undelivered: { icon: EarOff, tone: 'danger' },
  unresolved: { icon: CircleX, tone: 'danger' },
  unknown: { icon: CircleHelp, tone: 'neutral' },
};

/** Whether a chat is heard, in a word; undefined while Telegram is asked. */
export function HearingChip({ state }: { state: GroupHearing['state'] | undefined }) {
  const { t } = useTranslation(['settings', 'common']);
  if (!state) {
    return (
      <Badge>
        <Loader className="animate-spin" aria-hidden />
        {t('hearing.asking')}
      </Badge>
    );
  }
  const known = state in looks ? state : 'unknown'; // a newer server may say more
  const { icon: Icon, tone } = looks[known];
  return (
    <Badge tone={tone}>
      <Icon aria-hidden />
      {t(`hearing.group.${known}`)}
    </Badge>
  );
}
