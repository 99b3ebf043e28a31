import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { toast } from '@/lib/toast';

import { ChangeButton } from '@/components/guarded';
import { useErrorText, useFieldFault } from '@/components/states';
import { putWebhookConfig, webhookSettingsQuery } from '@/data/telegram';
import { ApiError, api, unwrap } from '@/lib/api';
import { useDraft } from '@/lib/drafts';

import { TextField } from '../field';
import { Notice } from '../notice';

/** Takes whatever people paste; the server says what it makes of it, at the field. */
export function AddGroup({ hasToken }: { hasToken: boolean }) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const fieldFault = useFieldFault();
  const cache = useQueryClient();
  const [typed, setPasted] = useDraft('group', '');
  const pasted = typed ?? '';
  const add = useMutation({
    mutationFn: (group_id: string) => unwrap(api.POST('/api/webhook-settings/telegram/groups', { body: { group_id } })),
    onSuccess: (config) => {
      const known = new Set(cache.getQueryData(webhookSettingsQuery.queryKey)?.telegram?.groups.map(({ id }) => id));
      const added = config.groups.find(({ id }) => !known.has(id));
      putWebhookConfig(cache, config);
      setPasted('');
      toast.success(added ? t('groups.added', { name: added.name ?? added.id }) : t('groups.addedAlready'));
    },
  });
  const refused = add.error instanceof ApiError && [400, 422, 502].includes(add.error.status);
  return (
    <form
      className="flex max-w-xl flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (pasted.trim() && !add.isPending) add.mutate(pasted.trim());
      }}
    >
      <div className="flex items-start gap-2">
        <TextField
          className="flex-1"
          label={t('groups.addLabel')}
          value={pasted}
          onChange={(event) => {
            setPasted(event.target.value);
            if (add.error) add.reset();
          }}
          placeholder="@name, t.me/…, -1002988379206"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={255}
          fault={refused ? (fieldFault(add.error, 'group_id') ?? errorText(add.error)) : undefined}
          hint={hasToken ? t('groups.addHint') : t('groups.addHintNoToken')}
        />
        <ChangeButton type="submit" variant="primary" className="mt-5" disabled={!pasted.trim() || add.isPending}>
          {add.isPending ? t('groups.adding') : t('groups.add')}
        </ChangeButton>
      </div>
      {add.error && !refused ? <Notice tone="danger" announce title={errorText(add.error)} /> : null}
    </form>
  );
}
