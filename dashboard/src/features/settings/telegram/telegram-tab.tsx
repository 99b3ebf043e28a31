import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Card } from '@/components/page';
import { ErrorState, LoadingBlock } from '@/components/states';
import { RelativeTime } from '@/components/time';
import { Button } from '@/components/ui/button';
import { hearingQuery, settingsQuery, webhookSettingsQuery, type BotHearing, type Settings, type TelegramHearing, type WebhookSettings } from '@/data/telegram';

import { CauseAndFix, Notice } from '../notice';
import { GroupsStep } from './groups-step';
import { nextStep, progressOf, stepNames, type StepName } from './progress';
import { Step } from './step';
import { TestStep } from './test-step';
import { TokenStep } from './token-step';
import { WayInStep } from './way-in-step';
import { WebhookCard } from './webhook-card';

/** How often the open page looks whether the bot still hears. */
const LOOK_MS = 15_000;

export function TelegramTab() {
  const settings = useQuery(settingsQuery);
  const webhook = useQuery(webhookSettingsQuery);
  const hearing = useQuery({ ...hearingQuery, refetchInterval: LOOK_MS });
  const failed = [settings, webhook].find(({ error, data }) => error && !data);
  if (failed) return <ErrorState error={failed.error} retry={() => void Promise.all([settings.refetch(), webhook.refetch()])} />;
  if (!settings.data || !webhook.data) return <LoadingBlock className="min-h-64" />;
  return (
    <Connected
      settings={settings.data}
      webhook={webhook.data}
      hearing={hearing.data}
      hearingError={hearing.data ? null : hearing.error}
      asking={hearing.isFetching}
      askAgain={() => void hearing.refetch()}
    />
  );
}

interface ConnectedProps {
  settings: Settings;
  webhook: WebhookSettings;
  hearing: TelegramHearing | undefined;
  hearingError: Error | null;
  asking: boolean;
  askAgain: () => void;
}

function Connected({ settings, webhook, hearing, hearingError, asking, askAgain }: ConnectedProps) {
  const { t } = useTranslation(['settings', 'common']);
  const [tested, setTested] = useState(false);
  /** What the reader opened or closed by hand; the rest follows what is to be done. */
  const [chosen, setChosen] = useState<Partial<Record<StepName, boolean>>>({});
  const progress = progressOf({ settings, config: webhook.telegram, hearing: hearingError ? null : hearing, tested });
  const next = nextStep(progress);
  // What was opened for the reader stays open, so that the outcome of what they did there is seen.
  const [opened, setOpened] = useState<ReadonlySet<StepName>>(new Set());
  if (next && !opened.has(next)) setOpened(new Set([...opened, next]));
  const mode = hearing?.mode ?? settings.telegram.mode ?? 'webhook';
  const hasToken = settings.telegram.bot_token !== '';
  const username = settings.telegram.bot?.username ?? hearing?.bot.bot?.username;
  const groups = webhook.telegram?.groups.length ?? 0;

  const summaries: Record<StepName, string> = {
    token: username ? t('token.summary', { bot: username }) : hasToken ? t('token.stored') : t('token.summaryNone'),
    wayIn: mode === 'polling' ? t('wayIn.names.polling') : webhook.telegram?.is_active ? webhook.telegram.webhook_url : t('wayIn.summaryNone'),
    groups: groups > 0 ? t('groups.summary', { count: groups }) : t('groups.summaryAll'),
    test: tested ? t('test.success') : t('test.summary'),
  };
  const bodies: Record<StepName, React.ReactNode> = {
    token: <TokenStep settings={settings} hearing={hearing?.bot} />,
    wayIn: <WayInStep mode={mode} webhook={webhook} hearing={hearing?.webhook} hasToken={hasToken} />,
    groups: <GroupsStep config={webhook.telegram} hearing={hearing} asking={asking} hasToken={hasToken} />,
    test: <TestStep polling={mode === 'polling'} ready={hasToken && Boolean(webhook.telegram?.host)} onPassed={() => setTested(true)} />,
  };

  return (
    <div className="grid grid-cols-1 items-start gap-4 xl:grid-cols-[3fr_2fr]">
      <div className="min-w-0 space-y-4">
        {hearing?.bot.state === 'unreachable' ? <Away of={hearing.bot} /> : null}
        <Summary next={next} username={username} hearing={hearing} />
        {hearingError ? <Notice tone="warning" announce title={t('hearing.failed')} actions={<Button size="sm" onClick={askAgain}>{t('common:actions.retry')}</Button>} /> : null}
        <Card title={t('path.title')} actions={hearing ? <Checked at={hearing.checked_at} /> : null}>
          <ol>
            {stepNames.map((name, i) => {
              const open = chosen[name] ?? opened.has(name);
              return (
                <Step key={name} number={i + 1} title={t(`path.${name}`)} state={progress[name]} summary={summaries[name]} open={open} onToggle={() => setChosen({ ...chosen, [name]: !open })}>
                  {bodies[name]}
                </Step>
              );
            })}
          </ol>
        </Card>
      </div>
      {hasToken ? <WebhookCard config={webhook.telegram} mode={mode} hearing={hearing} /> : null}
    </div>
  );
}

function Checked({ at }: { at: string }) {
  const { t } = useTranslation(['settings', 'common']);
  return (
    <span className="text-xs text-muted">
      {t('path.checked')} <RelativeTime at={at} focusable />
    </span>
  );
}

/** No step of the path is to blame for it: Telegram answers nothing, or nothing of use. */
function Away({ of }: { of: BotHearing }) {
  const { t } = useTranslation(['settings', 'common']);
  const silent = of.cause_code === 'timeout' || of.cause_code === 'unreachable';
  return (
    <Notice tone="warning" announce title={t(`hearing.bot.${silent ? 'unreachable' : 'answered'}`)}>
      <CauseAndFix of={of} />
    </Notice>
  );
}

/** The whole of it in a sentence. */
function Summary({ next, username, hearing }: { next: StepName | null; username: string | undefined; hearing: TelegramHearing | undefined }) {
  const { t } = useTranslation(['settings', 'common']);
  if (next || !hearing || hearing.bot.state === 'unreachable') return null;
  const last = hearing.webhook.last_update_at;
  return (
    <Notice tone="success" title={t('path.connected', { bot: username ?? '' })}>
      {last ? (
        <>
          {t('path.lastUpdate')} <RelativeTime at={last} focusable />
        </>
      ) : (
        t('path.noUpdateYet')
      )}
    </Notice>
  );
}
