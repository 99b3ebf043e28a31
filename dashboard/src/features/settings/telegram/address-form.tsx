import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { useErrorText, useFieldFault } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from '@/components/ui/select';
import { putWebhookConfig, rereadTelegram, type WebhookAddress, type WebhookSettings } from '@/data/telegram';
import { ApiError, api, unwrap } from '@/lib/api';

import { CopyButton } from '../copy-button';
import { Field, TextField } from '../field';
import { CauseAndFix, Notice } from '../notice';
import { addressText, useAddressDraft } from './address-draft';

/** What the server has, else what it proposes for a first registration: groups may be stored before an address is. */
function serverAddress({ telegram, default_protocol, default_host }: WebhookSettings): WebhookAddress {
  return telegram?.host ? { protocol: telegram.protocol, host: telegram.host } : { protocol: default_protocol, host: default_host };
}

interface AddressFormProps {
  webhook: WebhookSettings;
  /** Updates are polled now: registering switches to the webhook. */
  polling: boolean;
  hasToken: boolean;
}

export function AddressForm({ webhook, polling, hasToken }: AddressFormProps) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const fieldFault = useFieldFault();
  const cache = useQueryClient();
  const server = serverAddress(webhook);
  const stored = Boolean(webhook.telegram?.host);
  const draft = useAddressDraft(server);
  const { address } = draft;

  const save = useMutation({
    mutationFn: (body: WebhookAddress) => unwrap(api.POST('/api/webhook-settings', { body })),
    onSuccess: (config) => {
      draft.discard();
      putWebhookConfig(cache, config);
    },
  });
  const register = useMutation({
    mutationFn: (body: WebhookAddress) => unwrap(api.POST('/api/webhook-settings/telegram/set', { body })),
    onSuccess: (answer) => {
      if (answer.success) draft.discard();
      rereadTelegram(cache);
    },
  });
  const busy = save.isPending || register.isPending;
  const error = register.error ?? save.error;
  const refused = error instanceof ApiError && (error.status === 400 || error.status === 422);
  const type = (next: WebhookAddress) => {
    save.reset();
    register.reset();
    draft.type(next);
  };
  const url = `${addressText(address)}/webhook/telegram`;

  return (
    <form
      className="flex max-w-2xl flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (busy || !hasToken) return;
        save.reset();
        register.mutate(address);
      }}
    >
      {draft.differs ? (
        <Notice
          tone="warning"
          title={draft.changedMeanwhile ? t('address.changedMeanwhile') : t('address.draft')}
          actions={
            <Button size="sm" onClick={() => {
              save.reset();
              register.reset();
              draft.discard();
            }}>
              {stored ? t('address.useServers') : t('address.useProposed')}
            </Button>
          }
        >
          {t('address.serverHas')} <code className="font-mono break-all">{stored ? addressText(server) : t('address.nothing')}</code>
        </Notice>
      ) : null}
      <div className="grid grid-cols-[7rem_1fr] gap-3">
        <Field label={t('address.protocol')} fault={fieldFault(error, 'protocol')}>
          {(tied) => (
            <Select value={address.protocol} onValueChange={(protocol) => type({ ...address, protocol: protocol as WebhookAddress['protocol'] })}>
              <SelectTrigger {...tied}>
                <SelectValue />
              </SelectTrigger>
              <SelectContent>
                <SelectItem value="https">https</SelectItem>
                <SelectItem value="http">http</SelectItem>
              </SelectContent>
            </Select>
          )}
        </Field>
        <TextField
          label={t('address.host')}
          value={address.host}
          onChange={(event) => type({ ...address, host: event.target.value })}
          placeholder="tracker.example.org"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          fault={refused ? (fieldFault(error, 'host') ?? (fieldFault(error, 'protocol') ? undefined : errorText(error))) : undefined}
          hint={t('address.hint')}
        />
      </div>
      {/* Nothing is promised of what can be no host. */}
      {/[\s/]/.test(address.host.trim()) ? null : (
        <div className="flex min-w-0 flex-wrap items-center gap-x-2 text-xs text-muted">
          <span>{t('address.becomes')}</span>
          <code className="min-w-0 font-mono break-all text-foreground">{url}</code>
          <CopyButton value={url} name={t('address.url')} />
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <ChangeButton variant="primary" type="submit" disabled={!hasToken || busy}>
          {register.isPending ? t('address.registering') : polling ? t('address.switch') : t('address.register')}
        </ChangeButton>
        <ChangeButton
          disabled={busy || (stored && !draft.differs)}
          onClick={() => {
            register.reset();
            save.mutate(address);
          }}
        >
          {save.isPending ? t('common:actions.saving') : t('address.saveOnly')}
        </ChangeButton>
      </div>
      {hasToken ? null : <p className="text-xs text-muted">{t('wayIn.needsToken')}</p>}
      {error && !refused ? <Notice tone="danger" announce title={errorText(error)} /> : null}
      {register.data?.success ? <Notice tone="success" announce title={t('address.registered')} /> : null}
      {register.data && !register.data.success ? (
        <Notice tone="danger" announce title={t('address.refused')}>
          <CauseAndFix of={{ ...register.data, cause: register.data.error }} />
        </Notice>
      ) : null}
      {save.isSuccess ? <Notice tone="success" announce title={t('address.saved')} /> : null}
    </form>
  );
}
