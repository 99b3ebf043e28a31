import { useQuery } from '@tanstack/react-query';
import { PanelLeftClose, PanelLeftOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink } from 'react-router';

import { useLanguage } from '@/components/time';
import { Button } from '@/components/ui/button';
import { Tooltip } from '@/components/ui/tooltip';
import { countText, proposalCountQuery } from '@/data/proposals-count';
import { cn } from '@/lib/cn';
import { setPreference, usePreference } from '@/lib/preferences';

import { pages } from './pages';

function Mark() {
  return (
    <svg viewBox="0 0 32 32" className="size-6 shrink-0" aria-hidden>
      <rect width="32" height="32" rx="8" className="fill-primary" />
      <path d="M8.5 16.5l5 5 10-11" fill="none" strokeWidth="3.4" strokeLinecap="round" strokeLinejoin="round" className="stroke-primary-foreground" />
    </svg>
  );
}

/** The pages, on the left from 640 px up; below 1024 px only their icons. */
export function Rail() {
  const { t } = useTranslation();
  const collapsed = usePreference('railCollapsed');
  const label = collapsed ? 'sr-only' : 'max-lg:sr-only';
  return (
    <nav
      aria-label={t('nav.label')}
      className={cn('hidden shrink-0 flex-col gap-0.5 border-r border-border bg-sunken p-2 sm:flex', collapsed ? 'w-13' : 'w-13 lg:w-52')}
    >
      <Link to="/" className="mb-2 flex h-9 items-center gap-2.5 rounded-md px-1.5 font-semibold touch-target">
        <Mark />
        <span className={cn('truncate', label)}>{t('app')}</span>
      </Link>
      {pages.map(({ key, path, icon: Icon, letter }) => (
        <Tooltip key={key} label={t(`nav.${key}`)} keys={`g ${letter}`} side="right">
          <NavLink
            to={path}
            end={path === '/'}
            className="relative flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm text-muted transition-colors touch-target hover:bg-hover hover:text-foreground aria-[current=page]:bg-selected aria-[current=page]:font-medium aria-[current=page]:text-foreground"
          >
            <Icon className="size-4 shrink-0" aria-hidden />
            <span className={cn('truncate', label)}>{t(`nav.${key}`)}</span>
            {key === 'review' ? <ToDecide words={label} dot={collapsed ? '' : 'lg:hidden'} /> : null}
          </NavLink>
        </Tooltip>
      ))}
      <Tooltip label={collapsed ? t('nav.expand') : t('nav.collapse')} side="right">
        <Button
          variant="ghost"
          size="icon"
          className="mt-auto hidden aria-expanded:bg-transparent aria-expanded:text-muted lg:inline-flex"
          aria-label={collapsed ? t('nav.expand') : t('nav.collapse')}
          aria-expanded={!collapsed}
          onClick={() => setPreference('railCollapsed', !collapsed)}
        >
          {collapsed ? <PanelLeftOpen aria-hidden /> : <PanelLeftClose aria-hidden />}
        </Button>
      </Tooltip>
    </nav>
  );
}

/** How many proposals wait; `dot` stands for the number where that has no room. */
export function ToDecide({ words = '', dot = 'hidden' }: { words?: string; dot?: string }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { data } = useQuery(proposalCountQuery);
  if (!data?.count) return null;
  const shown = countText(data, language);
  return (
    <>
      <span className={cn('ml-auto rounded-full bg-primary-soft px-1.5 text-2xs font-medium text-primary-text tabular-nums', words)} title={t('nav.waiting', { shown })}>
        <span aria-hidden>{shown}</span>
        <span className="sr-only">, {t('nav.waiting', { shown })}</span>
      </span>
      <span className={cn('absolute top-1 right-1 size-2 max-sm:top-2 max-sm:right-6 rounded-full bg-primary', dot)} aria-hidden />
    </>
  );
}

const tabs = pages.filter(({ key }) => ['dashboard', 'messages', 'tasks', 'analytics'].includes(key));
const others = pages.filter((page) => !tabs.includes(page));

export { others as pagesBehindMore };

/** The pages at the thumb, below 640 px. */
export function BottomTabs({ more }: { more: React.ReactNode }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t('nav.label')} className="flex shrink-0 border-t border-border bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden">
      {tabs.map(({ key, path, icon: Icon }) => (
        <NavLink
          key={key}
          to={path}
          end={path === '/'}
          className="flex h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-[0.625rem] leading-4 text-muted focus-visible:-outline-offset-2 aria-[current=page]:font-medium aria-[current=page]:text-primary-text"
        >
          <Icon className="size-5" aria-hidden />
          <span className="max-w-full truncate">{t(`nav.${key}`)}</span>
        </NavLink>
      ))}
      {more}
    </nav>
  );
}
