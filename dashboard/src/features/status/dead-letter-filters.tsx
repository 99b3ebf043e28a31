import { useQuery } from '@tanstack/react-query';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';

import { SearchField } from '@/components/filter-bar';
import { useLanguage } from '@/components/time';
import { deadLetterKindsQuery, type DeadLetterFilter } from '@/data/operations';
import { formatNumber } from '@/lib/format';

interface FiltersProps {
  filter: DeadLetterFilter;
  change: (changes: { [K in keyof DeadLetterFilter]?: string | undefined }, options?: { replace?: boolean }) => void;
}

/** By stream and kind, each with its count, and by a part of the reason. */
export function DeadLetterFilters({ filter, change }: FiltersProps) {
  const { t } = useTranslation(['status', 'common']);
  const language = useLanguage();
  const id = useId();
  const { data: kinds = [] } = useQuery(deadLetterKindsQuery);
  const name = (stream: string, kind: string) => `${stream} ${kind}`;
  const chosen = filter.stream && filter.kind ? name(filter.stream, filter.kind) : '';
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-border px-4 py-2">
      <label htmlFor={id} className="sr-only">
        {t('dead.byKind')}
      </label>
      <select
        id={id}
        value={chosen}
        onChange={(event) => {
          const found = kinds.find(({ stream, kind }) => name(stream, kind) === event.target.value);
          change({ stream: found?.stream, kind: found?.kind });
        }}
        className="h-8 rounded-md border border-border bg-background px-2 text-sm touch-target coarse:h-11"
      >
        <option value="">{t('dead.everyKind')}</option>
        {chosen && !kinds.some(({ stream, kind }) => name(stream, kind) === chosen) ? <option value={chosen}>{chosen}</option> : null}
        {kinds.map(({ stream, kind, count }) => (
          <option key={name(stream, kind)} value={name(stream, kind)}>
            {stream} · {kind} ({formatNumber(count, language)})
          </option>
        ))}
      </select>
      <SearchField value={filter.q ?? ''} label={t('dead.search')} onChange={(q, history) => change({ q }, history)} className="min-w-40 flex-1 sm:max-w-72" />
    </div>
  );
}

/** As the address has it. */
export function parseDeadLetterFilter(parameters: URLSearchParams): DeadLetterFilter {
  const read = (name: string, most: number) => parameters.get(name)?.trim().slice(0, most) || undefined;
  const filter = { stream: read('stream', 64), kind: read('kind', 64), q: read('q', 200) };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
