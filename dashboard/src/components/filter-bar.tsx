import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { cn } from '@/lib/cn';

export interface ActiveFilter {
  key: string;
  /** Name of the field, in the reader's language. */
  name: string;
  value: string;
}

interface ChipsProps {
  filters: readonly ActiveFilter[];
  onRemove: (key: string) => void;
  onClear: () => void;
}

/** The filters that are on, each to be removed, as they stand in the address. */
export function FilterChips({ filters, onRemove, onClear }: ChipsProps) {
  const { t } = useTranslation();
  if (filters.length === 0) return null;
  return (
    <ul aria-label={t('filters.label')} className="flex flex-wrap items-center gap-1.5">
      {filters.map(({ key, name, value }) => (
        <li key={key}>
          <button
            type="button"
            aria-label={t('filters.removeOne', { name, value })}
            onClick={() => onRemove(key)}
            className="inline-flex h-6 max-w-56 items-center gap-1 rounded-md bg-primary-soft pr-1 pl-2 text-xs text-primary-text touch-target hover:brightness-95 dark:hover:brightness-110"
          >
            <span>{name}:</span>
            <bdi className="truncate font-medium">{value}</bdi>
            <X className="size-3.5 shrink-0" aria-hidden />
          </button>
        </li>
      ))}
      <li>
        <Button variant="link" size="sm" onClick={onClear}>
          {t('filters.clearAll')}
        </Button>
      </li>
    </ul>
  );
}

interface SearchFieldProps {
  value: string;
  label: string;
  /** `replace` while it is written on: what was there before the first word stays one step back. */
  onChange: (value: string, history: { replace: boolean }) => void;
  className?: string;
  ref?: Ref<HTMLInputElement>;
}

/** Tells what was typed after a short pause, at once on Enter; Esc empties it. */
export function SearchField({ value, label, onChange, className, ref }: SearchFieldProps) {
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  const writing = useRef(false);
  // The address may change by other ways: a chip that was removed, going back.
  useEffect(() => {
    if (value === sent.current) return;
    sent.current = value;
    writing.current = false;
    setTyped(value);
  }, [value]);
  const send = (text: string) => {
    if (text.trim() === sent.current) return;
    sent.current = text.trim();
    onChange(text.trim(), { replace: writing.current });
    writing.current = true;
  };
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });
  useEffect(() => {
    const timer = setTimeout(() => latest.current(typed), 300);
    return () => clearTimeout(timer);
  }, [typed]);
  return (
    <div className={cn('relative', className)}>
      <Search className="pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-muted" aria-hidden />
      <Input
        ref={ref}
        type="search"
        aria-label={label}
        placeholder={label}
        value={typed}
        onFocus={() => {
          writing.current = false;
        }}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') send(typed);
          if (event.key !== 'Escape') return;
          event.preventDefault();
          if (typed) setTyped('');
          else event.currentTarget.blur();
        }}
        className="pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
    </div>
  );
}

/** One row of controls above a list; wraps where it is narrow. */
export function FilterBar({ children, chips }: { children: ReactNode; chips?: ReactNode }) {
  return (
    <div className="flex shrink-0 flex-col gap-2 border-b border-border px-4 py-2 empty:hidden">
      <div className="flex flex-wrap items-center gap-2">{children}</div>
      {chips}
    </div>
  );
}
