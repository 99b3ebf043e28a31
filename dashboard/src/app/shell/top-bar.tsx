import { Keyboard, Languages, Monitor, Moon, Rows2, Rows3, Search, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from '@/components/ui/dropdown-menu';
import { Kbd } from '@/components/ui/kbd';
import { Tooltip } from '@/components/ui/tooltip';
import { changeLanguage } from '@/i18n/i18n';
import { isDark, setPreference, usePreference, type Density, type Language, type Theme } from '@/lib/preferences';

import { LiveBadge } from './live-badge';

export const themeIcons = { light: Sun, dark: Moon, system: Monitor } as const;
export const languageNames: Record<Language, string> = { en: 'English', uk: 'Українська' };

function AppearanceMenu() {
  const { t } = useTranslation();
  const theme = usePreference('theme');
  const density = usePreference('density');
  const Icon = isDark(theme) ? Moon : Sun;
  return (
    <DropdownMenu>
      <Tooltip label={t('appearance.label')}>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label={t('appearance.label')}>
            <Icon aria-hidden />
          </Button>
        </DropdownMenuTrigger>
      </Tooltip>
      <DropdownMenuContent align="end">
        <DropdownMenuLabel>{t('appearance.theme')}</DropdownMenuLabel>
        <DropdownMenuRadioGroup aria-label={t('appearance.theme')} value={theme} onValueChange={(value) => setPreference('theme', value as Theme)}>
          {(['light', 'dark', 'system'] as const).map((choice) => {
            const ChoiceIcon = themeIcons[choice];
            return (
              <DropdownMenuRadioItem key={choice} value={choice}>
                <ChoiceIcon aria-hidden />
                {t(`appearance.${choice}`)}
              </DropdownMenuRadioItem>
            );
          })}
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>{t('appearance.density')}</DropdownMenuLabel>
        <DropdownMenuRadioGroup aria-label={t('appearance.density')} value={density} onValueChange={(value) => setPreference('density', value as Density)}>
          <DropdownMenuRadioItem value="compact">
            <Rows3 aria-hidden />
            {t('appearance.compact')}
          </DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="comfortable">
            <Rows2 aria-hidden />
            {t('appearance.comfortable')}
          </DropdownMenuRadioItem>
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

function LanguageMenu() {
  const { t } = useTranslation();
  const language = usePreference('language');
  return (
    <DropdownMenu>
      <Tooltip label={t('appearance.language')}>
        <DropdownMenuTrigger asChild>
          <Button variant="ghost" size="icon" aria-label={t('appearance.language')}>
            <Languages aria-hidden />
          </Button>
        </DropdownMenuTrigger>
      </Tooltip>
      <DropdownMenuContent align="end">
        <DropdownMenuRadioGroup aria-label={t('appearance.language')} value={language} onValueChange={(value) => void changeLanguage(value as Language)}>
          {(['en', 'uk'] as const).map((choice) => (
            <DropdownMenuRadioItem key={choice} value={choice} lang={choice}>
              {languageNames[choice]}
            </DropdownMenuRadioItem>
          ))}
        </DropdownMenuRadioGroup>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}

interface TopBarProps {
  onPalette: () => void;
  onKeyboard: () => void;
}

export function TopBar({ onPalette, onKeyboard }: TopBarProps) {
  const { t } = useTranslation();
  return (
    <div className="flex h-12 shrink-0 items-center gap-2 border-b border-border bg-surface px-3 sm:px-4">
      <button
        type="button"
        onClick={onPalette}
        className="flex h-8 min-w-0 flex-1 items-center gap-2 rounded-md border border-border bg-background px-2.5 text-xs text-muted transition-colors touch-target hover:border-border-strong sm:max-w-72"
      >
        <Search className="size-3.5 shrink-0" aria-hidden />
        <span className="min-w-0 flex-1 truncate text-left">{t('keyboard.palette')}</span>
        <span className="max-sm:hidden">
          <Kbd keys="mod+k" />
        </span>
      </button>
      <div className="ml-auto flex items-center gap-1">
        <LiveBadge />
        <Tooltip label={t('keyboard.open')} keys="?">
          <Button variant="ghost" size="icon" className="coarse:hidden" aria-label={t('keyboard.open')} onClick={onKeyboard}>
            <Keyboard aria-hidden />
          </Button>
        </Tooltip>
        <LanguageMenu />
        <AppearanceMenu />
      </div>
    </div>
  );
}
