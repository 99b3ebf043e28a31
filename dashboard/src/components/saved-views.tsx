import { Bookmark } from 'lucide-react';
import { Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { LoadingBlock } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Popover, PopoverContent, PopoverTrigger } from '@/components/ui/popover';
import { part } from '@/lib/part';
import type { ViewPage } from '@/lib/views';

const ViewList = part(async () => (await import('./view-list')).ViewList);

/** Radix passes links over, and would focus what removes the first view: a second Enter would press it. */
function focusWhole(event: Event) {
  event.preventDefault();
  if (event.target instanceof HTMLElement) event.target.focus();
}

/** Filters of a page kept under a name, in this browser or for everybody. */
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
      <PopoverContent align="end" className="w-72 p-3" aria-label={t('views.label')} onOpenAutoFocus={focusWhole}>
        <Suspense fallback={<LoadingBlock />}>
          <ViewList page={page} onDone={() => setOpen(false)} />
        </Suspense>
      </PopoverContent>
    </Popover>
  );
}
