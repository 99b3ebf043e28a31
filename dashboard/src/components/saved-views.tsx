import { Bookmark } from 'lucide-react';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LoadingBlock } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { part } from '@/lib/part';
import type { ViewPage } from '@/lib/views';

const ViewList = part(async () => (await import('./view-list')).ViewList);

/** Filters of a page kept under a name, in this browser. */
export function SavedViews({ page }: { page: ViewPage }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button aria-label={t('views.label')} title={t('views.label')}>
          <Bookmark aria-hidden />
          <span className="max-sm:sr-only">{t('views.label')}</span>
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" className="w-72 p-3" aria-label={t('views.label')}>
        <Suspense fallback={<LoadingBlock />}>
          <ViewList page={page} onDone={() => setOpen(false)} />
        </Suspense>
      </PopoverContent>
    </Popover>
  );
}
