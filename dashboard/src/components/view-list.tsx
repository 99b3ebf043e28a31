import { Trash2 } from 'lucide-react';
import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

import { Button } from '@/components/ui/button';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { removeView, saveView, useViews, viewQuery, type ViewPage } from '@/lib/views';

/** The saved views of a page, and what is shown now to be saved as one. */
export function ViewList({ page, onDone }: { page: ViewPage; onDone: () => void }) {
  const { t } = useTranslation();
  const id = useId();
  const { search } = useLocation();
  const views = useViews(page);
  const query = viewQuery(search);
  return (
    <>
      {views.length === 0 ? (
        <p className="mb-3 text-xs text-pretty text-muted">{t('views.none')}</p>
      ) : (
        <ul className="mb-3 max-h-60 overflow-y-auto">
          {views.map((view) => (
            <li key={view.name} className="flex items-center gap-1">
              <Link
                to={`/${page}${view.query ? `?${view.query}` : ''}`}
                aria-current={view.query === query ? 'true' : undefined}
                onClick={onDone}
                className="flex min-h-8 min-w-0 flex-1 items-center rounded-md px-2 text-sm touch-target hover:bg-hover aria-[current]:bg-selected"
              >
                <bdi className="truncate">{view.name}</bdi>
              </Link>
              <Button variant="ghost" size="icon-sm" aria-label={t('views.remove', { name: view.name })} onClick={() => removeView(page, view.name)}>
                <Trash2 aria-hidden />
              </Button>
            </li>
          ))}
        </ul>
      )}
      <form
        className="space-y-2 border-t border-border pt-3"
        onSubmit={(event) => {
          event.preventDefault();
          const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
          if (!name) return;
          saveView(page, { name, query });
          onDone();
        }}
      >
        <Label htmlFor={id}>{t('views.name')}</Label>
        <div className="flex gap-2">
          <Input id={id} name="name" required maxLength={60} autoComplete="off" />
          <Button type="submit" variant="primary">
            {t('actions.save')}
          </Button>
        </div>
      </form>
    </>
  );
}
