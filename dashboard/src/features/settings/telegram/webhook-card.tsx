import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, RefreshCw, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { ChangeButton } from '@/components/guarded';
import { Card } from '@/components/page';
import { ErrorState, LoadingBlock, useErrorText } from '@/components/states';
import { RelativeTime, useLanguage } from '@/components/time';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { NotTold, rereadTelegram, webhookInfoQuery, type TelegramHearing, type TelegramMode, type TelegramWebhookConfig, type WebhookInfo } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';
import { formatNumber } from '@/lib/format';

import { CopyButton } from '../copy-button';
import { CauseAndFix, Notice } from '../notice';
import { compare } from './compare';
import { RemoveWebhook } from './remove-webhook';

interface WebhookCardProps {
  config: TelegramWebhookConfig | null;
  mode: TelegramMode;
  hearing: TelegramHearing | undefined;
}

/** The webhook as Telegram has it, beside what is stored here. */
export function WebhookCard({ config, mode, hearing }: WebhookCardProps) {
  const { t } = useTranslation(['settings', 'common']);
  const cache = useQueryClient();
  const info = useQuery({ ...webhookInfoQuery, refetchInterval: 30_000 });
  return (
    <Card
      title={t('webhook.title')}
      actions={
        <Button variant="ghost" size="sm" disabled={info.isFetching} onClick={() => rereadTelegram(cache)}>
          <RefreshCw className={info.isFetching ? 'animate-spin' : ''} aria-hidden />
          {t('webhook.check')}
        </Button>
      }
    >
      {info.error instanceof NotTold ? (
        <Notice tone="warning" className="m-4" title={t('webhook.unknown')}>
          <CauseAndFix of={info.error.finding} />
        </Notice>
      ) : null}
      {info.data ? (
        <Beside config={config} info={info.data} mode={mode} hearing={hearing} />
      ) : info.error instanceof NotTold ? null : info.error ? (
        <ErrorState error={info.error} title={t('webhook.unknown')} retry={() => void info.refetch()} />
      ) : (
        <LoadingBlock />
      )}
    </Card>
  );
}

function Beside({ config, info, mode, hearing }: WebhookCardProps & { info: WebhookInfo }) {
  const { t } = useTranslation(['settings', 'common']);
  const language = useLanguage();
  const comparison = compare(config, info);
  const polling = mode === 'polling';
  const past = hearing?.webhook.last_error_is_past ?? false;
  return (
    <div className="space-y-4 p-4">
      {polling ? (
        <Notice tone={info.url ? 'danger' : 'info'} title={info.url ? t('webhook.standsInPolling') : t('webhook.polling')} />
      ) : (
        <Notice tone={comparison === 'same' ? 'success' : comparison === 'none' ? 'info' : 'danger'} title={t(`webhook.compare.${comparison}`)} />
      )}
      <dl className="grid gap-x-4 gap-y-3 text-sm sm:grid-cols-[auto_1fr]">
        <Pair name={t('webhook.here')}>
          {config?.host ? <Address url={config.webhook_url} name={t('webhook.here')} /> : t('address.nothing')}
          {config ? (
            <span className="flex flex-wrap items-center gap-2 text-xs text-muted">
              <Badge tone={config.is_active ? 'success' : 'neutral'}>{config.is_active ? t('webhook.active') : t('webhook.inactive')}</Badge>
              {config.last_set_at ? (
                <span>
                  {t('webhook.lastSet')} <RelativeTime at={config.last_set_at} focusable />
                </span>
              ) : null}
            </span>
          ) : null}
        </Pair>
        <Pair name={t('webhook.there')}>{info.url ? <Address url={info.url} name={t('webhook.there')} /> : t('webhook.noUrl')}</Pair>
        <Pair name={t('webhook.pending')}>
          <span className="tabular-nums">{formatNumber(info.pending_update_count, language)}</span>
        </Pair>
        <Pair name={t('webhook.lastError')}>
          {info.last_error_message ? (
            <>
              <span className={past ? 'block text-muted' : 'block text-danger'}>
                {t('webhook.says')} <q lang="en">{info.last_error_message}</q>
              </span>
              <span className="text-xs text-muted">
                {info.last_error_date ? <RelativeTime at={info.last_error_date} focusable /> : null} {past ? t('webhook.past') : null}
              </span>
            </>
          ) : (
            t('webhook.noError')
          )}
        </Pair>
        {info.ip_address ? <Pair name={t('webhook.ip')}>{info.ip_address}</Pair> : null}
        {info.max_connections !== null ? <Pair name={t('webhook.connections')}>{formatNumber(info.max_connections, language)}</Pair> : null}
        {info.allowed_updates ? (
          <Pair name={t('webhook.kinds')}>
            <span className="font-mono text-xs break-words">{info.allowed_updates.join(', ')}</span>
          </Pair>
        ) : null}
      </dl>
      <Actions pending={info.pending_update_count} hasWebhook={info.url !== '' || (config?.is_active ?? false)} canRotate={!polling && (config?.is_active ?? false)} />
    </div>
  );
}

function Address({ url, name }: { url: string; name: string }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="min-w-0 font-mono text-xs break-all">{url}</code>
      <CopyButton value={url} name={name} />
    </span>
  );
}

function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-xs text-muted sm:pt-0.5">{name}</dt>
      <dd className="min-w-0 max-sm:-mt-2">{children}</dd>
    </>
  );
}

function Actions({ pending, hasWebhook, canRotate }: { pending: number; hasWebhook: boolean; canRotate: boolean }) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const rotate = useMutation({
    mutationFn: () => unwrap(api.POST('/api/webhook-settings/telegram/rotate-secret')),
    onSuccess: (answer) => {
      if (answer.success) toast.success(t('webhook.rotated'));
      rereadTelegram(cache);
    },
  });
  if (!hasWebhook) return null;
  return (
    <div className="space-y-3 border-t border-border pt-4">
      <div className="flex flex-wrap gap-2">
        {canRotate ? (
          <ChangeButton disabled={rotate.isPending} onClick={() => rotate.mutate()}>
            <KeyRound aria-hidden />
            {rotate.isPending ? t('webhook.rotating') : t('webhook.rotate')}
          </ChangeButton>
        ) : null}
        <ChangeButton onClick={() => setRemoving(true)}>
          <Trash2 aria-hidden />
          {t('webhook.remove')}
        </ChangeButton>
      </div>
      {canRotate ? <p className="text-xs text-pretty text-muted">{t('webhook.rotateText')}</p> : null}
      {rotate.error ? <Notice tone="danger" announce title={errorText(rotate.error)} /> : null}
      {rotate.data && !rotate.data.success ? (
        <Notice tone="danger" announce title={t('webhook.rotateFailed')}>
          <CauseAndFix of={{ ...rotate.data, cause: rotate.data.error }} />
        </Notice>
      ) : null}
      <RemoveWebhook open={removing} onOpenChange={setRemoving} pending={pending} />
    </div>
  );
}
