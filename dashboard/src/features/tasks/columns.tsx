import { SlidersHorizontal } from 'lucide-react';
import { Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { LoadingBlock } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { part } from '@/lib/part';
import { usePreference, type GroupField } from '@/lib/preferences';

const ListChoices = part(async () => (await import('./choices')).ListChoices);

/** What a row of the list shows beside its title, priority and status, from left to right, where there is room. */
export const COLUMNS = ['id', 'labels', 'category', 'assignee', 'due_at', 'source', 'created_at'] as const;
export type Column = (typeof COLUMNS)[number];

/** What the lanes of the board may be; its columns are statuses. */
export const LANE_FIELDS = ['assignee', 'chat_id', 'priority', 'category'] as const satisfies readonly GroupField[];
export type LaneField = (typeof LANE_FIELDS)[number];

export function useHiddenColumns(): ReadonlySet<Column> {
  const stored = usePreference('hiddenColumns');
  return useMemo(() => new Set(COLUMNS.filter((column) => stored.split(',').includes(column))), [stored]);
}

/** Chooses what the list is grouped by and its columns, for this browser. */
export function ListChooser() {
  const { t } = useTranslation('tasks');
  return (
    <Popover>
      <PopoverTrigger asChild>
        <Button>
          <SlidersHorizontal aria-hidden />
          <span className="max-sm:sr-only">{t('columns.open')}</span>
        </Button>
      </PopoverTrigger>
      <PopoverContent className="w-56" aria-label={t('columns.open')}>
        <Suspense fallback={<LoadingBlock />}>
          <ListChoices />
        </Suspense>
      </PopoverContent>
    </Popover>
  );
}
