import { useQuery } from '@tanstack/react-query';
import { ListTree } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorText, useFieldFault } from '@/components/states';
import { Button } from '@/components/ui/button';
import { aiModelsQuery, type AISettings } from '@/data/ai';

import { TextField } from '../field';
import { asChange, Section, type Draft, type SectionProps } from './section';

/** Null is the API's word for no key. */
const body = ({ api_key, ...rest }: Draft) => asChange({ ...rest, ...(api_key === undefined ? {} : { api_key: api_key === '' ? null : api_key }) });

export function ServerSection({ settings }: { settings: AISettings }) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('ai.server.title')} settings={settings} fields={['base_url', 'model', 'api_key']} body={body}>
      {(props) => <Fields settings={settings} {...props} />}
    </Section>
  );
}

function Fields({ settings, draft, set, fault }: SectionProps & { settings: AISettings }) {
  const { t } = useTranslation('settings');
  const errorText = useErrorText();
  const fieldFault = useFieldFault();
  const id = useId();
  const address = String(draft.base_url ?? '');
  const models = useQuery(aiModelsQuery(address === settings.base_url ? undefined : address));
  const noKey = draft.api_key === '';
  return (
    <div className="grid gap-4 sm:grid-cols-2">
      <TextField
        className="sm:col-span-2"
        label={t('ai.server.address')}
        hint={t('ai.server.addressHint')}
        value={address}
        inputMode="url"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={2000}
        fault={fault('base_url')}
        onChange={(event) => set({ base_url: event.target.value })}
      />
      <div className="space-y-1.5">
        <TextField
          label={t('ai.server.model')}
          value={String(draft.model ?? '')}
          list={id}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={200}
          fault={fault('model')}
          onChange={(event) => set({ model: event.target.value })}
        />
        <datalist id={id}>
          {models.data?.models.map((name) => <option key={name} value={name} />)}
        </datalist>
        <div className="flex flex-wrap items-center gap-2">
          <Button size="sm" disabled={models.isFetching} onClick={() => void models.refetch()}>
            <ListTree aria-hidden />
            {models.isFetching ? t('ai.server.asking') : t('ai.server.list')}
          </Button>
          <span role="status" className="text-xs text-muted">
            {models.error ? <span className="text-danger">{fieldFault(models.error, 'base_url') ?? errorText(models.error)}</span> : models.data ? t('ai.server.found', { count: models.data.models.length }) : ''}
          </span>
        </div>
        {models.data && models.data.models.length > 0 ? (
          <div role="group" aria-label={t('ai.server.models')} className="flex max-h-32 flex-wrap gap-1 overflow-y-auto">
            {models.data.models.map((name) => (
              <Button key={name} size="sm" aria-pressed={draft.model === name} className="aria-pressed:bg-selected" onClick={() => set({ model: name })}>
                {name}
              </Button>
            ))}
          </div>
        ) : null}
      </div>
      <div className="space-y-1.5">
        <TextField
          label={t('ai.server.key')}
          type="password"
          value={typeof draft.api_key === 'string' ? draft.api_key : ''}
          autoComplete="off"
          maxLength={4096}
          placeholder={noKey ? t('ai.server.keyNone') : settings.has_api_key ? t('ai.server.keyStored', { hint: settings.api_key_hint ?? '' }) : t('ai.server.keyNone')}
          hint={t('ai.server.keyHint')}
          fault={fault('api_key')}
          onChange={(event) => set({ api_key: event.target.value || undefined })}
        />
        {settings.has_api_key ? (
          <Button size="sm" aria-pressed={noKey} className="aria-pressed:bg-selected" onClick={() => set({ api_key: noKey ? undefined : '' })}>
            {t('ai.server.keyRemove')}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
