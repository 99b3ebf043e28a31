import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Bot } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { useErrorText, useFieldFault } from '@/components/states';
import { Badge } from '@/components/ui/badge';
import { rereadTelegram, settingsQuery, type BotHearing, type Settings, type TelegramBot } from '@/data/telegram';
import { ApiError, api, unwrap } from '@/lib/api';

import { TextField } from '../field';
import { CauseAndFix, Notice } from '../notice';

function BotCard({ bot }: { bot: TelegramBot }) {
  const { t } = useTranslation(['settings', 'common']);
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="flex size-9 items-center justify-center rounded-full bg-primary-soft text-primary-text">
          <Bot className="size-5" aria-hidden />
        </span>
        <span className="min-w-0">
          <bdi className="block truncate text-sm font-medium">{bot.name}</bdi>
          <span className="block truncate text-xs text-muted">@{bot.username}</span>
        </span>
        {bot.can_read_all_group_messages ? <Badge tone="success">{t('token.privacyOff')}</Badge> : <Badge tone="warning">{t('token.privacyOn')}</Badge>}
      </div>
      {bot.can_read_all_group_messages ? null : (
        <Notice tone="warning" title={t('token.privacyTitle')}>
          {t('token.privacyText', { bot: bot.username })}
        </Notice>
      )}
    </div>
  );
}

interface TokenStepProps {
  settings: Settings;
  hearing: BotHearing | undefined;
}

/** The token goes in and never comes out: the field is empty whatever is stored. */
export function TokenStep({ settings, hearing }: TokenStepProps) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const fieldFault = useFieldFault();
  const cache = useQueryClient();
  const [token, setToken] = useState('');
  const stored = settings.telegram.bot_token;
  const save = useMutation({
    mutationFn: (bot_token: string) => unwrap(api.POST('/api/settings', { body: { telegram: { bot_token, webhook_base_url: '' } } })),
    onSuccess: (answer) => {
      setToken('');
      cache.setQueryData(settingsQuery.queryKey, answer);
      rereadTelegram(cache);
    },
  });
  const refused = save.error instanceof ApiError && (save.error.status === 400 || save.error.status === 422);
  const bot = settings.telegram.bot ?? hearing?.bot ?? null;
  const webhook = save.data?.webhook;
  return (
    <>
      {bot ? <BotCard bot={bot} /> : null}
      {hearing?.state === 'refused' || hearing?.state === 'unreadable' ? (
        <Notice tone="danger" title={t(`hearing.bot.${hearing.state}`)}>
          <CauseAndFix of={hearing} />
        </Notice>
      ) : null}
      {stored ? null : (
        <ol className="list-decimal space-y-1 pl-5 text-sm text-muted">
          <li>
            {t('token.how1')}{' '}
            <a href="https://t.me/BotFather" target="_blank" rel="noreferrer" className="text-primary-text underline underline-offset-4">
              @BotFather
            </a>
          </li>
          <li>{t('token.how2')}</li>
          <li>{t('token.how3')}</li>
        </ol>
      )}
      <form
        className="flex max-w-xl flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() && !save.isPending) save.mutate(token.trim());
        }}
      >
        <TextField
          label={stored ? t('token.replace') : t('token.label')}
          type="password"
          autoComplete="off"
          spellCheck={false}
          maxLength={256}
          value={token}
          onChange={(event) => setToken(event.target.value)}
          placeholder={stored ? '' : '7312004551:AA…'}
          fault={refused ? (fieldFault(save.error, 'bot_token') ?? errorText(save.error)) : undefined}
          hint={stored ? <StoredToken stored={stored} /> : t('token.hint')}
        />
        <div>
          <ChangeButton variant="primary" type="submit" disabled={!token.trim() || save.isPending}>
            {save.isPending ? t('token.checking') : t('token.save')}
          </ChangeButton>
        </div>
        {save.error && !refused ? <Notice tone="danger" announce title={errorText(save.error)} /> : null}
        {save.isSuccess ? (
          <Notice tone="success" announce title={t('token.saved')}>
            {webhook?.success ? t('token.webhookSet') : null}
            {webhook && !webhook.success ? (
              <>
                {t('token.webhookNot')} <CauseAndFix of={{ ...webhook, cause: webhook.error }} />
              </>
            ) : null}
          </Notice>
        ) : null}
      </form>
    </>
  );
}

function StoredToken({ stored }: { stored: string }) {
  const { t } = useTranslation(['settings', 'common']);
  if (stored.startsWith('[')) return <>{t('token.unreadable')}</>;
  return (
    <>
      {t('token.stored')} <code className="font-mono text-foreground">{stored}</code>
    </>
  );
}
