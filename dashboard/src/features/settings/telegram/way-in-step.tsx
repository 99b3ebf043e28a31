import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { rereadTelegram, type TelegramMode, type WebhookHearing, type WebhookSettings } from '@/data/telegram';
import { api, unwrap } from '@/lib/api';
import { cn } from '@/lib/cn';

import { CauseAndFix, Notice } from '../notice';
import { AddressForm } from './address-form';

interface WayInStepProps {
  mode: TelegramMode;
  webhook: WebhookSettings;
  hearing: WebhookHearing | undefined;
  hasToken: boolean;
}

/** How updates come: to an address of ours, or fetched by us. The choice is the server's mode until it is changed there. */
export function WayInStep({ mode, webhook, hearing, hasToken }: WayInStepProps) {
  const { t } = useTranslation(['settings', 'common']);
  const [chosen, setChosen] = useState<TelegramMode | null>(null);
  const shown = chosen ?? mode;
  return (
    <>
      {hearing && hearing.state !== 'ok' && hearing.state !== 'not_registered' ? (
        <Notice tone={hearing.state === 'idle' || hearing.state === 'unknown' ? 'info' : 'danger'} title={t(`hearing.webhook.${hearing.state}`)}>
          <CauseAndFix of={hearing} />
        </Notice>
      ) : null}
      <fieldset className="grid gap-3 sm:grid-cols-2">
        <legend className="sr-only">{t('wayIn.title')}</legend>
        {(['webhook', 'polling'] as const).map((choice) => (
          <label
            key={choice}
            className={cn(
              'flex cursor-pointer gap-3 rounded-lg border p-3 transition-colors hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-ring',
              shown === choice ? 'border-primary bg-selected' : 'border-border',
            )}
          >
            <input type="radio" name="mode" value={choice} checked={shown === choice} onChange={() => setChosen(choice)} className="mt-1 size-4 shrink-0 accent-(--primary) outline-none" />
            <span className="min-w-0">
              <span className="block text-sm font-medium">
                {t(`wayIn.names.${choice}`)}
                {mode === choice && hasToken ? <span className="ml-2 text-xs font-normal text-muted">{t('wayIn.inUse')}</span> : null}
              </span>
              <span className="block text-xs text-pretty text-muted">{t(`wayIn.texts.${choice}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {shown === 'webhook' ? (
        <AddressForm webhook={webhook} polling={mode === 'polling'} hasToken={hasToken} />
      ) : (
        <PollingSwitch active={mode === 'polling'} hasToken={hasToken} onDone={() => setChosen(null)} />
      )}
    </>
  );
}

function PollingSwitch({ active, hasToken, onDone }: { active: boolean; hasToken: boolean; onDone: () => void }) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const cache = useQueryClient();
  const change = useMutation({
    mutationFn: () => unwrap(api.PUT('/api/webhook-settings/telegram/mode', { body: { mode: 'polling' } })),
    onSuccess: (answer) => {
      rereadTelegram(cache);
      if (answer.success) onDone();
    },
  });
  if (active) return <p className="text-sm text-muted">{t('wayIn.pollingActive')}</p>;
  return (
    <div className="space-y-3">
      <p className="text-sm text-muted">{t('wayIn.pollingSwitch')}</p>
      <ChangeButton variant="primary" disabled={!hasToken || change.isPending} onClick={() => change.mutate()}>
        {change.isPending ? t('wayIn.switching') : t('wayIn.switchToPolling')}
      </ChangeButton>
      {hasToken ? null : <p className="text-xs text-muted">{t('wayIn.needsToken')}</p>}
      {change.error ? <Notice tone="danger" announce title={errorText(change.error)} actions={<Button size="sm" onClick={() => change.mutate()}>{t('common:actions.retry')}</Button>} /> : null}
      {change.data && !change.data.success ? (
        <Notice tone="danger" announce title={t('wayIn.switchFailed')}>
          <CauseAndFix of={{ ...change.data, cause: change.data.error ?? change.data.message }} />
        </Notice>
      ) : null}
    </div>
  );
}
