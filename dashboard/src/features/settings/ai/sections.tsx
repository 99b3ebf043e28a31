import { useTranslation } from 'react-i18next';

import { Checkbox } from '@/components/ui/checkbox';
import type { AISettings } from '@/data/ai';
import { cn } from '@/lib/cn';

import { TextField } from '../field';
import { asChange, numberOf, Section, type Draft } from './section';

/** A switch with its sentence. */
function Check({ label, hint, checked, onChange }: { label: string; hint?: string; checked: boolean; onChange: (on: boolean) => void }) {
  return (
    <label className={cn('flex min-h-8 cursor-pointer gap-2.5 text-sm touch-target', hint ? 'items-start' : 'items-center')}>
      <Checkbox className={hint ? 'mt-0.5' : ''} checked={checked} onCheckedChange={(on) => onChange(on === true)} />
      <span className="min-w-0">
        <span className="block">{label}</span>
        {hint ? <span className="block text-xs text-pretty text-muted">{hint}</span> : null}
      </span>
    </label>
  );
}

/** One of several, each with a sentence. Where the title of the part names the choice, the name is not shown again. */
function Choice({
  field,
  legend,
  named = false,
  choices,
  chosen,
  choose,
  fault,
}: {
  field: string;
  legend: string;
  named?: boolean;
  choices: [value: string, name: string, hint: string][];
  chosen: Draft[keyof Draft];
  choose: (value: string) => void;
  fault: string | undefined;
}) {
  return (
    <fieldset>
      <legend className={named ? 'sr-only' : 'mb-2 text-xs font-medium'}>{legend}</legend>
      <div className={cn('grid max-w-2xl gap-2', choices.length === 2 && 'sm:grid-cols-2')}>
        {choices.map(([value, name, hint]) => (
          <label
            key={value}
            className={cn(
              'flex cursor-pointer items-start gap-2.5 rounded-lg border p-3 text-sm transition-colors hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-ring',
              chosen === value ? 'border-primary bg-selected' : 'border-border',
            )}
          >
            <input type="radio" name={`ai-${field}`} value={value} checked={chosen === value} onChange={() => choose(value)} className="mt-0.5 size-4 shrink-0 accent-(--primary) outline-none" />
            <span>
              <span className="block font-medium">{name}</span>
              <span className="block text-xs text-pretty text-muted">{hint}</span>
            </span>
          </label>
        ))}
      </div>
      {fault ? (
        <p role="alert" className="mt-1 text-xs text-danger">
          {fault}
        </p>
      ) : null}
    </fieldset>
  );
}

export function JudgeSection({ settings }: { settings: AISettings }) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('ai.judge.title')} settings={settings} fields={['provider', 'local_fallback']} body={asChange}>
      {({ draft, set, fault }) => (
        <>
          <Choice
            field="provider"
            legend={t('ai.judge.provider')}
            choices={(['local', 'openai'] as const).map((id) => [id, t(`ai.provider.${id}`), t(`ai.judge.${id}`)])}
            chosen={draft.provider}
            choose={(provider) => set({ provider })}
            fault={fault('provider')}
          />
          <Check label={t('ai.judge.fallback')} hint={t('ai.judge.fallbackHint')} checked={draft.local_fallback === true} onChange={(on) => set({ local_fallback: on })} />
          <div className="text-sm">
            <p className="mb-1 text-xs font-medium">{t('ai.judge.order')}</p>
            <ol className="list-decimal space-y-0.5 pl-5 text-sm text-muted">
              {draft.provider === 'openai' ? <li>{t('ai.judge.orderModel')}</li> : null}
              {draft.provider !== 'openai' || draft.local_fallback === true ? <li>{t('ai.judge.orderLocal')}</li> : null}
              <li>{t('ai.judge.orderHold')}</li>
            </ol>
          </div>
        </>
      )}
    </Section>
  );
}

export function AutonomySection({ settings }: { settings: AISettings }) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('ai.autonomy.title')} settings={settings} fields={['autonomy']} body={asChange}>
      {({ draft, set, fault }) => (
        <>
          <Choice
            field="autonomy"
            legend={t('ai.autonomy.title')}
            named
            choices={(['live', 'gated', 'shadow'] as const).map((id) => [id, t(`ai.autonomy.${id}`), t(`ai.autonomy.${id}_hint`)])}
            chosen={draft.autonomy}
            choose={(autonomy) => set({ autonomy })}
            fault={fault('autonomy')}
          />
          <p className="text-xs text-pretty text-muted">{t('ai.autonomy.later')}</p>
        </>
      )}
    </Section>
  );
}

const numbers = (draft: Draft) => asChange(Object.fromEntries(Object.entries(draft).map(([field, value]) => [field, numberOf(value)])));

const thresholds = ['task_threshold', 'proposal_threshold', 'quiet_seconds', 'duplicate_sure_threshold', 'duplicate_likely_threshold'] as const;

export function ThresholdSection({ settings }: { settings: AISettings }) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('ai.thresholds.title')} settings={settings} fields={thresholds} body={numbers}>
      {({ draft, set, fault }) => (
        <div className="grid gap-4 sm:grid-cols-3">
          {thresholds.map((field) => (
            <TextField
              key={field}
              type="number"
              step={field === 'quiet_seconds' ? '1' : '0.01'}
              inputMode="decimal"
              label={t(`ai.thresholds.${field}`)}
              hint={t(`ai.thresholds.${field}_hint`)}
              value={String(draft[field] ?? '')}
              fault={fault(field)}
              onChange={(event) => set({ [field]: event.target.value })}
            />
          ))}
        </div>
      )}
    </Section>
  );
}

export function PrivacySection({ settings }: { settings: AISettings }) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('ai.privacy.title')} settings={settings} fields={['mask_names', 'mask_phones', 'mask_emails']} body={asChange}>
      {({ draft, set }) => (
        <div className="space-y-1">
          <p className="pb-1 text-sm text-pretty text-muted">{t('ai.privacy.text')}</p>
          {(['mask_names', 'mask_phones', 'mask_emails'] as const).map((field) => (
            <Check key={field} label={t(`ai.privacy.${field}`)} checked={draft[field] === true} onChange={(on) => set({ [field]: on })} />
          ))}
        </div>
      )}
    </Section>
  );
}

export function BudgetSection({ settings }: { settings: AISettings }) {
  const { t } = useTranslation('settings');
  return (
    <Section title={t('ai.budget.title')} settings={settings} fields={['token_budget_per_day']} body={numbers}>
      {({ draft, set, fault }) => (
        <TextField
          className="max-w-xs"
          type="number"
          min={0}
          step={1}
          inputMode="numeric"
          label={t('ai.budget.tokens')}
          hint={t('ai.budget.hint')}
          value={String(draft.token_budget_per_day ?? '')}
          fault={fault('token_budget_per_day')}
          onChange={(event) => set({ token_budget_per_day: event.target.value })}
        />
      )}
    </Section>
  );
}
