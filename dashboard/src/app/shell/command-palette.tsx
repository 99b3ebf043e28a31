import { useQuery } from '@tanstack/react-query';
import { Bookmark, Inbox, Languages, ListChecks, Plus, Rows3, Zap } from 'lucide-react';
import { Dialog as DialogPrimitive } from 'radix-ui';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useNavigate } from 'react-router';

import { Command, CommandEmpty, CommandGroup, CommandInput, CommandItem, CommandList } from '@/components/ui/command';
import { Dialog, DialogContent } from '@/components/ui/dialog';
import { Kbd } from '@/components/ui/kbd';
import { changeLanguage } from '@/i18n/i18n';
import { setPreference } from '@/lib/preferences';
import { useShortcutGroups } from '@/lib/shortcuts';
import { pathWith } from '@/lib/url-state';
import { sharedViewsQuery, useViews } from '@/lib/views';

import { pages } from './pages';
import { languageNames, themeIcons } from './top-bar';

/** The dialog gives the focus back in its own time. */
const AFTER_CLOSING_MS = 60;

interface PaletteProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Jumps, does what the page can do now, and searches. */
export function CommandPalette({ open, onOpenChange }: PaletteProps) {
  const { t } = useTranslation();
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent className="max-w-xl" aria-describedby={undefined}>
        <DialogPrimitive.Title className="sr-only">{t('palette.title')}</DialogPrimitive.Title>
        <PaletteBody close={() => onOpenChange(false)} />
      </DialogContent>
    </Dialog>
  );
}

/** Those of this browser, and those of everybody. */
function useAllViews() {
  const tasks = useViews('tasks');
  const messages = useViews('messages');
  const shared = useQuery(sharedViewsQuery).data ?? [];
  const own = [...tasks.map((view) => ({ ...view, page: 'tasks' as const })), ...messages.map((view) => ({ ...view, page: 'messages' as const }))];
  return [...own.map((view) => ({ ...view, shared: false })), ...shared.map((view) => ({ ...view, shared: true }))];
}

function PaletteBody({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const words = text.trim();
  const number = /^#?(\d{1,15})$/.exec(words)?.[1];
  const here = useShortcutGroups().filter(({ everywhere }) => !everywhere);
  const views = useAllViews();
  /** The focus goes back to the page first: what is done there may be done to what has it. */
  const later = (run: (event: KeyboardEvent) => void) => () => {
    close();
    setTimeout(() => run(new KeyboardEvent('keydown')), AFTER_CLOSING_MS);
  };
  const act = (run: () => unknown) => () => {
    close();
    void run();
  };
  const go = (path: string) => act(() => navigate(path));
  return (
    <Command label={t('palette.title')} loop>
      <CommandInput value={text} onValueChange={setText} placeholder={t('palette.placeholder')} />
      <CommandList label={t('palette.title')}>
        {/* With words there is always something: a search for them. */}
        {words ? null : <CommandEmpty>{t('palette.empty')}</CommandEmpty>}
        <CommandGroup heading={t('palette.pages')}>
          {pages.map(({ key, path, icon: Icon, letter }) => (
            <CommandItem key={key} value={t(`nav.${key}`)} onSelect={go(path)}>
              <Icon aria-hidden />
              <span className="flex-1">{t(`nav.${key}`)}</span>
              <Kbd keys={`g ${letter}`} />
            </CommandItem>
          ))}
        </CommandGroup>
        {here.map(({ title, shortcuts }) => (
          <CommandGroup key={title} heading={`${t('palette.here')} · ${title}`}>
            {shortcuts
              .filter(({ keys }) => keys !== 'Escape')
              .map(({ keys, label, run }) => (
                <CommandItem key={keys} value={`${label} ${keys}`} onSelect={later(run)}>
                  <Zap aria-hidden />
                  <span className="flex-1">{label}</span>
                  <Kbd keys={keys} />
                </CommandItem>
              ))}
          </CommandGroup>
        ))}
        {views.length > 0 ? (
          <CommandGroup heading={t('palette.views')}>
            {views.map(({ page, name, query, shared }) => (
              <CommandItem key={`${page} ${name} ${shared}`} value={`${name} ${page} ${shared ? t('views.shared') : ''}`} onSelect={go(`/${page}${query ? `?${query}` : ''}`)}>
                <Bookmark aria-hidden />
                <span className="min-w-0 flex-1 truncate">
                  <bdi>{name}</bdi> · {t(`nav.${page}`)}
                  {shared ? ` · ${t('views.shared')}` : null}
                </span>
              </CommandItem>
            ))}
          </CommandGroup>
        ) : null}
        <CommandGroup heading={t('palette.actions')}>
          <CommandItem value={t('palette.newTask')} onSelect={go('/tasks?new=1')}>
            <Plus aria-hidden />
            <span className="flex-1">{t('palette.newTask')}</span>
          </CommandItem>
          {(['light', 'dark', 'system'] as const).map((theme) => {
            const Icon = themeIcons[theme];
            const label = t('palette.theme', { theme: t(`appearance.${theme}`) });
            return (
              <CommandItem key={theme} value={label} onSelect={act(() => setPreference('theme', theme))}>
                <Icon aria-hidden />
                {label}
              </CommandItem>
            );
          })}
          {(['en', 'uk'] as const).map((language) => {
            const label = t('palette.language', { language: languageNames[language] });
            return (
              <CommandItem key={language} value={label} onSelect={act(() => changeLanguage(language))}>
                <Languages aria-hidden />
                {label}
              </CommandItem>
            );
          })}
          {(['compact', 'comfortable'] as const).map((density) => {
            const label = t('palette.density', { density: t(`appearance.${density}`) });
            return (
              <CommandItem key={density} value={label} onSelect={act(() => setPreference('density', density))}>
                <Rows3 aria-hidden />
                {label}
              </CommandItem>
            );
          })}
        </CommandGroup>
        {words ? (
          <CommandGroup heading={t('palette.search')} forceMount>
            {number ? (
              <>
                <CommandItem forceMount value={`task ${words}`} onSelect={go(`/tasks/${number}`)}>
                  <ListChecks aria-hidden />
                  {t('palette.openTask', { id: number })}
                </CommandItem>
                <CommandItem forceMount value={`message ${words}`} onSelect={go(pathWith('/messages', { id: number }))}>
                  <Inbox aria-hidden />
                  {t('palette.openMessage', { id: number })}
                </CommandItem>
              </>
            ) : null}
            <CommandItem forceMount value={`messages ${words}`} onSelect={go(pathWith('/messages', { q: words }))}>
              <Inbox aria-hidden />
              <span className="truncate">{t('palette.searchMessages', { text: words })}</span>
            </CommandItem>
            <CommandItem forceMount value={`tasks ${words}`} onSelect={go(pathWith('/tasks', { q: words }))}>
              <ListChecks aria-hidden />
              <span className="truncate">{t('palette.searchTasks', { text: words })}</span>
            </CommandItem>
          </CommandGroup>
        ) : null}
      </CommandList>
    </Command>
  );
}
