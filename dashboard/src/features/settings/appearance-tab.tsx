import { Monitor, Moon, Rows2, Rows3, Sun, type LucideIcon } from 'lucide-react';
import { useEffect, useId, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { Card } from '@/components/page';
import { useLanguage } from '@/components/time';
import { changeLanguage } from '@/i18n/i18n';
import { cn } from '@/lib/cn';
import { formatClock, formatLongDay, timeZone } from '@/lib/format';
import { setPreference, usePreference, type Density, type Language, type Theme } from '@/lib/preferences';

interface Choice<T extends string> {
  value: T;
  label: ReactNode;
  icon?: LucideIcon;
  lang?: string;
}

interface ChoicesProps<T extends string> {
  legend: string;
  value: T;
  choices: readonly Choice<T>[];
  onChange: (value: T) => void;
}

/** Native radio buttons with the look of tiles: arrow keys move and choose. */
function Choices<T extends string>({ legend, value, choices, onChange }: ChoicesProps<T>) {
  const name = useId();
  return (
    <fieldset className="p-4">
      <legend className="float-left mb-2 w-full text-xs font-medium">{legend}</legend>
      <div className="clear-both grid max-w-xl gap-2 sm:grid-cols-3">
        {choices.map(({ value: choice, label, icon: Icon, lang }) => (
          <label
            key={choice}
            lang={lang}
            className={cn(
              'flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg border px-3 text-sm transition-colors touch-target hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-ring',
              choice === value ? 'border-primary bg-selected font-medium' : 'border-border',
            )}
          >
            <input type="radio" name={name} value={choice} checked={choice === value} onChange={() => onChange(choice)} className="size-4 accent-(--primary) outline-none" />
            {Icon ? <Icon className="size-4 text-muted" aria-hidden /> : null}
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function AppearanceTab() {
  const { t } = useTranslation(['settings', 'common']);
  const theme = usePreference('theme');
  const density = usePreference('density');
  const language = usePreference('language');
  return (
    <div className="max-w-3xl space-y-4">
      <p className="text-sm text-muted">{t('appearance.text')}</p>
      <Card className="divide-y divide-border">
        <Choices<Language>
          legend={t('common:appearance.language')}
          value={language}
          onChange={(value) => void changeLanguage(value)}
          choices={[
            { value: 'en', label: 'English', lang: 'en' },
            { value: 'uk', label: 'Українська', lang: 'uk' },
          ]}
        />
        <Choices<Theme>
          legend={t('common:appearance.theme')}
          value={theme}
          onChange={(value) => setPreference('theme', value)}
          choices={[
            { value: 'light', label: t('common:appearance.light'), icon: Sun },
            { value: 'dark', label: t('common:appearance.dark'), icon: Moon },
            { value: 'system', label: t('common:appearance.system'), icon: Monitor },
          ]}
        />
        <Choices<Density>
          legend={t('common:appearance.density')}
          value={density}
          onChange={(value) => setPreference('density', value)}
          choices={[
            { value: 'compact', label: t('common:appearance.compact'), icon: Rows3 },
            { value: 'comfortable', label: t('common:appearance.comfortable'), icon: Rows2 },
          ]}
        />
        <Zone />
      </Card>
    </div>
  );
}

/** The zone is the browser's; it decides what a day is, so it is shown with what it makes of now. */
function Zone() {
  const { t } = useTranslation(['settings', 'common']);
  const language = useLanguage();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 15_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <div className="p-4">
      <h2 className="mb-1 text-xs font-medium">{t('appearance.zone')}</h2>
      <p className="text-sm">
        {timeZone()}
        <span className="text-muted">
          {' '}
          · {formatLongDay(now, language)}, <span className="tabular-nums">{formatClock(now, language)}</span>
        </span>
      </p>
      <p className="mt-1 text-xs text-pretty text-muted">{t('appearance.zoneText')}</p>
    </div>
  );
}
