import { Ellipsis } from 'lucide-react';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Outlet, useLocation, useNavigate, useNavigation } from 'react-router';

import { LoadingBlock } from '@/components/states';
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from '@/components/ui/dropdown-menu';
import { part } from '@/lib/part';
import { shortcuts, useShortcuts } from '@/lib/shortcuts';

import { ConnectionStrip } from './live-badge';
import { pages } from './pages';
import { BottomTabs, pagesBehindMore, Rail, ToDecide } from './rail';
import { TopBar } from './top-bar';

const CommandPalette = part(async () => (await import('./command-palette')).CommandPalette);
const KeyboardOverlay = part(async () => (await import('./keyboard-overlay')).KeyboardOverlay);

/** Pages give the focus to what they open or close in their own time. */
const AFTER_GOING_MS = 150;

/** What is around every page: rail, top bar, tabs at the bottom of a phone, and the two layers above. */
export function Shell() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const navigation = useNavigation();
  const [palette, setPalette] = useState(false);
  const [keyboard, setKeyboard] = useState(false);
  const main = useRef<HTMLElement>(null);

  const location = useLocation();
  const came = useRef(location);
  // A link that went with its page takes the focus along: it goes on from what has come in its place.
  useEffect(() => {
    if (came.current === location) return;
    came.current = location;
    const timer = setTimeout(() => document.activeElement === document.body && main.current?.focus({ preventScroll: true }), AFTER_GOING_MS);
    return () => clearTimeout(timer);
  }, [location]);
  useEffect(() => {
    document.addEventListener('keydown', shortcuts.handle);
    return () => document.removeEventListener('keydown', shortcuts.handle);
  }, []);
  useShortcuts(t('keyboard.everywhere'), [
    { keys: 'mod+k', label: t('keyboard.palette'), run: () => setPalette((open) => !open), everywhere: true },
    { keys: '?', label: t('keyboard.overlay'), run: () => setKeyboard(true) },
  ], true);
  useShortcuts(
    t('keyboard.go'),
    pages.map(({ key, path, letter }) => ({ keys: `g ${letter}`, label: t(`nav.${key}`), run: () => void navigate(path) })),
    true,
  );

  return (
    <div className="flex h-full flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-60 focus:rounded-md focus:bg-primary focus:px-3 focus:py-2 focus:text-primary-foreground"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {t('nav.skip')}
      </a>
      <div className="flex min-h-0 flex-1">
        <Rail />
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar onPalette={() => setPalette(true)} onKeyboard={() => setKeyboard(true)} />
          <ConnectionStrip />
          {navigation.state === 'loading' ? <div className="h-0.5 shrink-0 animate-pulse bg-primary" aria-hidden /> : null}
          {/* Clipped: what is put far down in a page, be it for screen readers alone, must not make the window scroll. */}
          <main id="main" ref={main} tabIndex={-1} className="relative min-h-0 flex-1 overflow-clip bg-background outline-none">
            <Suspense fallback={<LoadingBlock className="h-full" />}>
              <Outlet />
            </Suspense>
          </main>
        </div>
      </div>
      <BottomTabs more={<MoreTab />} />
      <Suspense fallback={null}>
        {palette ? <CommandPalette open={palette} onOpenChange={setPalette} /> : null}
        {keyboard ? <KeyboardOverlay open={keyboard} onOpenChange={setKeyboard} /> : null}
      </Suspense>
    </div>
  );
}

function MoreTab() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger className="relative flex h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 text-[0.625rem] leading-4 text-muted focus-visible:-outline-offset-2">
        <Ellipsis className="size-5" aria-hidden />
        {t('nav.more')}
        <ToDecide words="sr-only" dot="" />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" side="top">
        {pagesBehindMore.map(({ key, path, icon: Icon }) => (
          <DropdownMenuItem key={key} onSelect={() => void navigate(path)}>
            <Icon aria-hidden />
            {t(`nav.${key}`)}
            {key === 'review' ? <ToDecide /> : null}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
