import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useId, useRef, useState, type FormEvent, type MouseEvent, type ReactNode, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';

import { ChangeButton } from '@/components/guarded';
import { useErrorText } from '@/components/states';
import { Button } from '@/components/ui/button';
import { Checkbox } from '@/components/ui/checkbox';
import { Input } from '@/components/ui/input';
import { Label } from '@/components/ui/label';
import { api, unwrap } from '@/lib/api';
import { toast } from '@/lib/toast';
import { removeView, saveView, sharedViewsQuery, useViews, viewQuery, type SharedView, type View, type ViewPage } from '@/lib/views';

interface Props {
  page: ViewPage;
  onDone: () => void;
}

/** The saved views of a page, of this browser and of everybody, and what is shown now to be saved as one. */
export function ViewList({ page, onDone }: Props) {
  const { t } = useTranslation();
  const own = useViews(page);
  const shared = useQuery(sharedViewsQuery);
  const errorText = useErrorText();
  const unshare = useUnshareView();
  const field = useRef<HTMLInputElement>(null);
  /** The focus goes on to the view beside the one that goes, or to the field. */
  const leave = ({ currentTarget }: MouseEvent) => {
    const row = currentTarget.closest('li');
    const beside = (row?.nextElementSibling ?? row?.previousElementSibling)?.querySelector('a');
    (beside ?? field.current)?.focus();
  };
  const everybody = shared.data?.filter((view) => view.page === page) ?? [];
  const remove = (view: View) => {
    removeView(page, view.name);
    toast.success(t('views.removed', { name: view.name }), { duration: 10_000, action: { label: t('actions.undo'), onClick: () => saveView(page, view) } });
  };
  return (
    <>
      {own.length + everybody.length === 0 && !shared.error ? <p className="mb-3 text-xs text-pretty text-muted">{t('views.none')}</p> : null}
      <div className="max-h-72 overflow-y-auto">
        <Group title={t('views.shared')} views={everybody} page={page} onDone={onDone}>
          {(view) => (
            <ChangeButton variant="ghost" size="icon-sm" aria-label={t('views.removeShared', { name: view.name })} disabled={unshare.isPending} onClick={(event) => (leave(event), unshare.mutate(view))}>
              <Trash2 aria-hidden />
            </ChangeButton>
          )}
        </Group>
        {shared.error ? <p className="mb-3 px-2 text-xs text-danger">{errorText(shared.error)}</p> : null}
        <Group title={t('views.own')} views={own} page={page} onDone={onDone}>
          {(view) => (
            <Button variant="ghost" size="icon-sm" aria-label={t('views.remove', { name: view.name })} onClick={(event) => (leave(event), remove(view))}>
              <Trash2 aria-hidden />
            </Button>
          )}
        </Group>
      </div>
      <Save page={page} onDone={onDone} field={field} taken={everybody.map(({ name }) => name)} />
    </>
  );
}

function Group<V extends View>({ title, views, page, onDone, children }: Props & { title: string; views: V[]; children: (view: V) => ReactNode }) {
  const id = useId();
  const query = viewQuery(useLocation().search);
  if (views.length === 0) return null;
  return (
    <section aria-labelledby={id} className="mb-3">
      <h3 id={id} className="px-2 pb-1 text-xs font-medium text-muted">
        {title}
      </h3>
      <ul>
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
            {children(view)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Saves what is shown now: in this browser, or for everybody. `taken` are the names that others see. */
function Save({ page, onDone, field, taken }: Props & { field: RefObject<HTMLInputElement | null>; taken: string[] }) {
  const { t } = useTranslation();
  const id = useId();
  const query = viewQuery(useLocation().search);
  const share = useShareView();
  const errorText = useErrorText();
  const [name, setName] = useState('');
  const [forAll, setForAll] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const view = { name: name.trim(), query };
    if (!view.name || share.isPending) return;
    if (forAll) return share.mutate({ page, ...view }, { onSuccess: onDone });
    saveView(page, view);
    onDone();
  };
  const SaveButton = forAll ? ChangeButton : Button;
  const replaces = forAll && taken.includes(name.trim());
  return (
    <form className="space-y-2 border-t border-border pt-3" onSubmit={submit}>
      <Label htmlFor={id}>{t('views.name')}</Label>
      <div className="flex gap-2">
        <Input ref={field} id={id} required maxLength={60} autoComplete="off" value={name} onChange={(event) => setName(event.target.value)} aria-describedby={replaces || share.error ? `${id}-note` : undefined} />
        <SaveButton type="submit" variant="primary" disabled={share.isPending}>
          {t('actions.save')}
        </SaveButton>
      </div>
      <label className="flex min-h-8 cursor-pointer items-center gap-2 text-sm touch-target">
        <Checkbox checked={forAll} onCheckedChange={setForAll} />
        {t('views.forAll')}
      </label>
      <p id={`${id}-note`} role="status" className={share.error ? 'text-xs text-danger' : 'text-xs text-muted'}>
        {share.error ? errorText(share.error) : replaces ? t('views.replaces') : null}
      </p>
    </form>
  );
}

/** Shares a view, in the place of one of its page and name. */
function useShareView() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: View & { page: ViewPage }) => unwrap(api.PUT('/api/views', { body })),
    onSuccess: () => cache.invalidateQueries({ queryKey: sharedViewsQuery.queryKey }),
  });
}

/** Removes a shared view, for everybody, with the way to take that back. */
function useUnshareView() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const cache = useQueryClient();
  const share = useShareView();
  return useMutation({
    mutationFn: ({ id }: SharedView) => unwrap(api.DELETE('/api/views/{id}', { params: { path: { id } } })),
    onSuccess: (_, { page, name, query }) =>
      toast.success(t('views.removedShared', { name }), {
        duration: 10_000,
        action: { label: t('actions.undo'), onClick: () => share.mutate({ page, name, query }, { onError: (error) => toast.error(errorText(error)) }) },
      }),
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => cache.invalidateQueries({ queryKey: sharedViewsQuery.queryKey }),
  });
}
