import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, CircleHelp, Settings } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { useFinding, type Finding } from '@/components/cause-and-fix';
import { Card } from '@/components/page';
import { ErrorState, LoadingRows } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { hearingQuery, type TelegramHearing } from '@/data/telegram';
import { formatNumber } from '@/lib/format';

/** Whether messages can come in at all: the bot, its way in, the chats, as Telegram says. */
export function SourcesCard() {
  const { t } = useTranslation(['status', 'common']);
  const { data, error, refetch } = useQuery(hearingQuery);
  return (
    <Card
      title={t('sources.title')}
      actions={
        <Button asChild variant="ghost" size="sm">
          <Link to="/settings/telegram">
            <Settings aria-hidden />
            {t('common:nav.settings')}
          </Link>
        </Button>
      }
    >
      {data ? <Hearing hearing={data} /> : error ? <ErrorState error={error} title={t('sources.failed')} retry={() => void refetch()} /> : <LoadingRows rows={3} />}
    </Card>
  );
}

function Hearing({ hearing: { bot, webhook, groups, mode } }: { hearing: TelegramHearing }) {
  const { t } = useTranslation(['status', 'common']);
  const language = useLanguage();
  if (bot.state === 'no_token') return <p className="p-4 text-sm text-muted">{t('sources.noBot')}</p>;
  const number = (n: number) => formatNumber(n, language);
  const heard = groups.filter(({ state }) => state === 'heard').length;
  const deaf = groups.filter(({ state }) => state === 'partly' || state === 'absent' || state === 'unresolved').length;
  return (
    <ul className="divide-y divide-border">
      <Line name={bot.bot ? `@${bot.bot.username}` : t('sources.bot')} state={bot.state === 'ok' ? 'works' : 'down'} of={bot} />
      <Line
        name={mode === 'polling' ? t('sources.polling') : t('sources.webhook')}
        state={webhook.state === 'ok' ? 'works' : webhook.state === 'idle' || webhook.state === 'unknown' ? 'unknown' : 'down'}
        // What stands in the way of the bot is said once.
        of={webhook.cause === bot.cause ? nothing : webhook}
      >
        {webhook.pending_update_count !== null ? t('sources.waiting', { count: webhook.pending_update_count, n: number(webhook.pending_update_count) }) : null}
      </Line>
      <Line name={t('sources.chats')} state={deaf > 0 ? 'down' : groups.length > heard ? 'unknown' : 'works'}>
        {groups.length === 0 ? t('sources.everyChat') : t('sources.heard', { count: groups.length, heard: number(heard), n: number(groups.length) })}
      </Line>
      <li className="flex min-h-11 items-center gap-3 px-4 py-2 text-sm">
        <span className="flex-1">{t('sources.last')}</span>
        <span className="font-medium">{webhook.last_update_at ? <RelativeTime at={webhook.last_update_at} focusable /> : t('noData')}</span>
      </li>
    </ul>
  );
}

const looks = {
  works: { icon: CircleCheck, tone: 'success' },
  down: { icon: CircleAlert, tone: 'danger' },
  unknown: { icon: CircleHelp, tone: 'neutral' },
} as const;

const nothing: Finding = { cause: null };

function Line({ name, state, of = nothing, children }: { name: string; state: keyof typeof looks; of?: Finding; children?: ReactNode }) {
  const { t } = useTranslation(['status', 'common']);
  const { cause, fix, lang } = useFinding(of);
  const { icon: Icon, tone } = looks[state];
  return (
    <li className="flex min-h-11 items-center gap-3 px-4 py-2 text-sm">
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{name}</span>
        {children ? <span className="block text-xs text-muted">{children}</span> : null}
        {cause && state !== 'works' ? (
          <span lang={lang} className="block text-xs break-words text-muted">
            {cause}
            {fix ? <span className="block">{fix}</span> : null}
          </span>
        ) : null}
      </span>
      <Badge tone={tone}>
        <Icon aria-hidden />
        {t(`sources.state.${state}`)}
      </Badge>
    </li>
  );
}
