import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import '@/features/tasks/tasks-page'; // before a test waits for it
import type { SharedView } from '@/lib/views';
import { stats } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

let shared: SharedView[];

beforeEach(() => {
  shared = [{ id: 3, page: 'tasks', name: 'Urgent', query: 'priority=critical', updated_at: '2026-03-02T10:00:00Z' }];
  server.use(
    http.get('*/api/tasks', () => HttpResponse.json([])),
    http.get('*/api/tasks/counts', () => HttpResponse.json({ items: [], total: 0 })),
    http.get('*/api/messages/filters', () => HttpResponse.json({ authors: [], sources: [], chats: [], total_messages: 0 })),
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.get('*/api/views', () => HttpResponse.json(shared)),
    http.put('*/api/views', async ({ request }) => {
      const saved = (await request.json()) as Pick<SharedView, 'page' | 'name' | 'query'>;
      const view = { ...saved, id: 4, updated_at: '2026-03-02T11:00:00Z' };
      shared = [...shared.filter(({ name }) => name !== saved.name), view];
      return HttpResponse.json(view);
    }),
    http.delete('*/api/views/:id', ({ params }) => {
      shared = shared.filter(({ id }) => id !== Number(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
});

async function opened(path: string) {
  const page = renderPath(path);
  await page.user.click(await screen.findByRole('button', { name: 'Views' }));
  const views = within(await screen.findByRole('dialog', { name: 'Views' }));
  await views.findByLabelText('Save these filters as'); // it is loaded when it is first asked for
  return { ...page, views };
}

describe('views', { timeout: 90_000 }, () => {
  it('of this browser and of everybody stand apart', async () => {
    const { user, router, views } = await opened('/tasks?priority=high');
    await user.type(views.getByLabelText('Save these filters as'), 'Mine{Enter}');
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    await user.click(screen.getByRole('button', { name: 'Views' }));
    const dialog = await screen.findByRole('dialog', { name: 'Views' });
    const again = within(dialog);
    expect(dialog).toHaveFocus(); // not the button that removes a view, which a second Enter would press
    expect(within(again.getByRole('region', { name: 'Mine, in this browser' })).getByRole('link', { name: 'Mine' })).toHaveAttribute('aria-current', 'true');
    await user.click(again.getByRole('button', { name: 'Remove the view Mine' }));
    expect(again.queryByRole('region', { name: 'Mine, in this browser' })).toBeNull();
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull()); // a click beside it closes it
    await user.click(screen.getByRole('button', { name: 'Views' }));
    const last = within(await screen.findByRole('dialog', { name: 'Views' }));
    expect(last.getByRole('link', { name: 'Mine' })).toBeVisible();
    await user.click(within(await last.findByRole('region', { name: 'For everybody' })).getByRole('link', { name: 'Urgent' }));
    expect(router.state.location.search).toBe('?priority=critical');
    expect(shared).toHaveLength(1);
  });

  it('are shared, with a word where that replaces one, and removed for everybody with the way back', async () => {
    const { user, views } = await opened('/tasks?status=open');
    await views.findByRole('link', { name: 'Urgent' });
    await user.click(views.getByRole('checkbox', { name: 'For everybody' }));
    await user.type(views.getByLabelText('Save these filters as'), 'Urgent');
    expect(views.getByRole('status')).toHaveTextContent('is replaced, for everybody');
    await user.click(views.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(shared).toEqual([expect.objectContaining({ page: 'tasks', name: 'Urgent', query: 'status=open' })]));
    await user.click(await screen.findByRole('button', { name: 'Views' }));
    await user.click(await screen.findByRole('button', { name: 'Remove the view Urgent for everybody' }));
    await waitFor(() => expect(shared).toEqual([]));
    expect(screen.getByLabelText('Save these filters as')).toHaveFocus();
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(shared).toEqual([expect.objectContaining({ name: 'Urgent', query: 'status=open' })]));
  });

  it('that are refused stay in the field, with the sentence of the server', async () => {
    server.use(http.put('*/api/views', () => HttpResponse.json({ detail: 'There are 100 shared views of this page: remove one first.' }, { status: 409 })));
    const { user, views } = await opened('/tasks?status=open');
    await user.click(views.getByRole('checkbox', { name: 'For everybody' }));
    await user.type(views.getByLabelText('Save these filters as'), 'One more{Enter}');
    await waitFor(() => expect(views.getByRole('status')).toHaveTextContent('remove one first'));
    expect(views.getByLabelText('Save these filters as')).toHaveValue('One more');
  });
});
