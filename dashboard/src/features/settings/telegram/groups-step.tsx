import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Button } from '@/components/ui/button';
import type { TelegramHearing, TelegramWebhookConfig } from '@/data/telegram';

import { AddGroup } from '../groups/add-group';
import { HearingChip } from '../groups/hearing-chip';
import { CauseAndFix } from '../notice';

interface GroupsStepProps {
  config: TelegramWebhookConfig | null;
  hearing: TelegramHearing | undefined;
  /** Telegram is being asked now. */
  asking: boolean;
  hasToken: boolean;
}

/** Which chats are listened to, in short; the tab Groups has the whole. */
export function GroupsStep({ config, hearing, asking, hasToken }: GroupsStepProps) {
  const { t } = useTranslation(['settings', 'common']);
  const groups = config?.groups ?? [];
  return (
    <>
      <p className="text-sm text-pretty text-muted">{groups.length > 0 ? t('groups.only') : t('groups.all')}</p>
      {groups.length > 0 ? (
        <ul className="divide-y divide-border rounded-md border border-border">
          {groups.slice(0, 5).map(({ id, name }) => {
            const heard = hearing?.groups.find((group) => group.id === id);
            return (
              <li key={id} className="space-y-1 px-3 py-2 text-sm">
                <span className="flex items-center gap-2">
                  <bdi className="min-w-0 flex-1 truncate">{name ?? id}</bdi>
                  <HearingChip state={heard?.state ?? (asking ? undefined : 'unknown')} />
                </span>
                {heard && heard.state !== 'heard' && heard.state !== 'undelivered' ? (
                  <span className="block text-xs text-muted">
                    <CauseAndFix of={heard} />
                  </span>
                ) : null}
              </li>
            );
          })}
        </ul>
      ) : null}
      <AddGroup hasToken={hasToken} />
      <Button asChild variant="link" className="px-0">
        <Link to="/settings/groups">{t('groups.toTab')}</Link>
      </Button>
    </>
  );
}
