import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';

const names: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Enter: '↵',
  Escape: 'Esc',
};

const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Keys as they stand on the keyboard, from a name of lib/shortcuts. */
export function Kbd({ keys }: { keys: string }) {
  const { t } = useTranslation();
  return (
    <span className="inline-flex items-center gap-1">
      {keys.split(' ').map((chord, i) => (
        <Fragment key={chord + String(i)}>
          {i > 0 ? <span className="text-2xs text-muted">{t('keyboard.then')}</span> : null}
          <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-border bg-sunken px-1 font-sans text-2xs text-muted">
            {chord
              .split('+')
              .map((key) => (key === 'mod' ? (isApple ? '⌘' : 'Ctrl') : key === 'shift' ? '⇧' : key === 'alt' ? 'Alt' : (names[key] ?? key.toUpperCase())))
              .join(isApple ? '' : ' ')}
          </kbd>
        </Fragment>
      ))}
    </span>
  );
}
