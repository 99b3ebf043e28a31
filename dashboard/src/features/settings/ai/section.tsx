import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { ChangeButton } from '@/components/guarded';
import { Notice } from '@/components/notice';
import { Card } from '@/components/page';
import { useSaid } from '@/components/said';
import { useErrorText, useFieldFault } from '@/components/states';
import { Badge } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { aiSettingsQuery, type AISettings, type AISettingsChange } from '@/data/ai';
import { api, ApiError, unwrap, type ValidationFault } from '@/lib/api';
import { keepDraft, readDraft } from '@/lib/drafts';
import { keys } from '@/lib/query-keys';
import { useCanChange } from '@/live/live';

/** What is in the fields. Numbers are texts until they are sent; of the key, undefined is the one that is stored, and '' none. */
export type Draft = Partial<Record<keyof AISettingsChange, string | boolean | undefined>>;

export interface SectionProps {
  draft: Draft;
  set: (changes: Draft) => void;
  fault: (field: keyof AISettingsChange) => string | undefined;
}

interface Props {
  title: string;
  settings: AISettings;
  fields: readonly (keyof AISettingsChange)[];
  /** What is sent of a draft. */
  body: (draft: Draft) => AISettingsChange;
  children: (props: SectionProps) => ReactNode;
}

/** What was typed into a part before the reader went elsewhere. A key is not in it: no secret is stored in the browser. */
function readTyped(part: string, fields: Props['fields']): Draft {
  try {
    const typed: unknown = JSON.parse(readDraft(part) ?? '{}');
    return Object.fromEntries(Object.entries(Object(typed)).filter(([field, value]) => fields.some((known) => known === field) && ['string', 'boolean'].includes(typeof value))) as Draft;
  } catch {
    return {}; // another version wrote it
  }
}

function keepTyped(part: string, { api_key: _secret, ...typed }: Draft): void {
  keepDraft(part, Object.keys(typed).length > 0 ? JSON.stringify(typed) : null);
}

/** A part of the settings that is saved by itself. What was typed stays until it is saved or discarded, whatever others change and wherever the reader goes. */
export function Section({ title, settings, fields, body, children }: Props) {
  const { t } = useTranslation(['settings', 'common']);
  const errorText = useErrorText();
  const fieldFault = useFieldFault();
  const said = useSaid();
  const cache = useQueryClient();
  const canChange = useCanChange();
  const part = `ai.${fields[0]}`;
  const [typed, setTyped] = useState(() => readTyped(part, fields));
  useEffect(() => keepTyped(part, typed), [part, typed]);
  const stored: Draft = Object.fromEntries(fields.flatMap((field) => (field === 'api_key' ? [] : [[field, typeof settings[field] === 'number' ? String(settings[field]) : settings[field]]])));
  const without = (draft: Draft, known: Draft): Draft => Object.fromEntries(Object.entries(draft).filter(([field, value]) => value !== known[field as keyof Draft]));
  const changed = without(typed, stored);
  const save = useMutation({
    mutationFn: (sent: Draft) => unwrap(api.PUT('/api/ai/settings', { body: body(without(sent, stored)) })),
    onSuccess: (answer, sent) => {
      setTyped((now) => without(now, sent)); // what was typed in the meantime is not saved yet
      cache.setQueryData(aiSettingsQuery.queryKey, answer);
      void cache.invalidateQueries({ queryKey: keys.settings });
    },
  });
  const dirty = Object.keys(changed).length > 0;
  const faults = save.error instanceof ApiError ? save.error.faults : [];
  const elsewhere = faults.filter(({ loc }) => !fields.some((field) => loc.includes(field)));
  const names: Record<string, string> = { base_url: t('ai.server.address'), model: t('ai.server.model'), api_key: t('ai.server.key') };
  const of = ({ loc, msg, clauses }: ValidationFault) => `${names[String(loc.at(-1))] ?? loc.slice(1).join('.')}: ${said(msg, clauses).text}`;
  return (
    <Card title={title} actions={dirty ? <Badge tone="warning">{t('ai.unsaved')}</Badge> : null}>
      <form
        noValidate // the API says what is wrong, in its own words
        aria-label={title}
        className="space-y-4 p-4"
        onSubmit={(event) => {
          event.preventDefault();
          // Enter reaches here past the button, which says why nothing can be sent.
          if (dirty && !save.isPending && canChange) save.mutate(typed);
        }}
      >
        {children({
          draft: { ...stored, ...typed },
          set: (changes) => {
            save.reset();
            setTyped((before) => ({ ...before, ...changes }));
          },
          fault: (field) => fieldFault(save.error, field),
        })}
        {save.error && (faults.length === 0 || elsewhere.length > 0) ? (
          <Notice tone="danger" announce title={t('ai.notSaved')}>
            {faults.length === 0 ? errorText(save.error) : elsewhere.map(of).join('; ')}
          </Notice>
        ) : null}
        <div className="flex flex-wrap items-center gap-2">
          <ChangeButton type="submit" variant={dirty ? 'primary' : 'secondary'} disabled={!dirty || save.isPending}>
            {save.isPending ? t('ai.saving') : t('ai.save')}
          </ChangeButton>
          {dirty ? (
            <Button
              variant="ghost"
              onClick={() => {
                save.reset();
                setTyped({});
              }}
            >
              {t('ai.discard')}
            </Button>
          ) : null}
          {save.isSuccess && !dirty ? (
            <span role="status" className="text-xs text-success">
              {t('ai.saved')}
            </span>
          ) : null}
        </div>
      </form>
    </Card>
  );
}

/** A number that was typed, for the API to judge: what is none is sent as it is. */
export const numberOf = (value: string | boolean | undefined): number => (typeof value === 'string' && value.trim() !== '' ? Number(value.replace(',', '.')) : NaN);

/** What was typed as a change: the API judges what it is. */
export const asChange = (values: Record<string, unknown>): AISettingsChange => values;
