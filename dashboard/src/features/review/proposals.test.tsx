import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Proposal } from '@/lib/api';
import { FakeSocket } from '@/testing/fake-socket';
import { stats, task, taskLink } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

function proposal(id: number, more: Partial<Proposal> = {}): Proposal {
  return {
    id, status: 'pending', title: `Printer ${id} is slow`, description: '', category: 'bug', priority: 'high', confidence: 0.61, reason: 'It reads like a bug (61 %).',
    quote: 'so slow', provider: 'local', model: 'linear', source: 'telegram', assignee: null, due_at: null, created_at: '2026-03-02T10:00:00Z', updated_at: '2026-03-02T10:00:00Z',
    decided_at: null, decided_by: '', reject_reason: '', comment: '', snoozed_until: null, task_id: null, message_ids: [7], undoable: false, ...more,
  };
}

let waiting: Proposal[];
let asked: [string, unknown][];

/** Takes a decision as the API does: the proposal leaves the list, undoing brings it back. */
beforeEach(() => {
  waiting = [proposal(2), proposal(1, { category: 'chore', priority: 'low' })];
  asked = [];
  server.use(
    http.get('*/api/tasks', () => HttpResponse.json([])),
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.get('*/api/activity', () => HttpResponse.json({ data: [], period: { type: 'month', start: '2026-03-01', end: '2026-03-31', month: 2, year: 2026 }, total_messages: 0 })),
    http.get('*/api/proposals', () => HttpResponse.json(waiting)),
    http.get('*/api/links', () => HttpResponse.json([])),
    http.post('*/api/proposals/:id/:act', async ({ params, request }) => {
      const id = Number(params.id);
      const text = await request.text();
      asked.push([`${id}/${String(params.act)}`, text ? JSON.parse(text) : null]);
      const it = proposal(id);
      waiting = params.act === 'undo' ? [it, ...waiting] : waiting.filter((p) => p.id !== id);
      return HttpResponse.json({ proposal: it, task: params.act === 'accept' ? task({ id: 44, title: it.title }) : null });
    }),
  );
});

const item = async (id: number) => (await screen.findByRole('heading', { name: `Printer ${id} is slow` })).closest('li') as HTMLElement;

describe('proposals', () => {
  it('say what, how sure and why, and lead to the message', async () => {
    renderPath('/review');
    const card = await item(2);
    expect(card).toHaveTextContent('61% sure');
    expect(card).toHaveTextContent('It reads like a bug');
    expect(card).toHaveTextContent('so slow');
    expect(within(card).getByRole('link', { name: 'Open the message' })).toHaveAttribute('href', '/messages?id=7');
  });

  it('are accepted, and come back when that is undone', async () => {
    const { user } = renderPath('/review');
    await user.click(within(await item(2)).getByRole('button', { name: 'Accept' }));
    await waitFor(() => expect(screen.queryByRole('heading', { name: 'Printer 2 is slow' })).toBeNull());
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(await item(2)).toBeVisible();
    expect(asked).toEqual([['2/accept', {}], ['2/undo', null]]);
  });

  it('are accepted in other words, merged, rejected with a reason, put off', async () => {
    const { user } = renderPath('/review');
    await user.click(within(await item(2)).getByRole('button', { name: 'Edit or merge' }));
    const title = await screen.findByRole('textbox', { name: 'Title of the task' });
    await user.clear(title);
    await user.type(title, 'Repair it{Enter}');
    await waitFor(() => expect(asked).toEqual([['2/accept', { title: 'Repair it', category: 'bug', priority: 'high' }]]));
    await user.selectOptions(within(await item(1)).getByRole('combobox', { name: 'Why it is no task' }), 'Done already');
    await user.click(within(await item(1)).getByRole('button', { name: 'Reject' }));
    await waitFor(() => expect(asked[1]).toEqual(['1/reject', { reason: 'already_done' }]));
    expect(await screen.findByText('Nothing waits for you')).toBeVisible();
    act(() => {
      waiting = [proposal(3)];
      FakeSocket.last.send({ type: 'proposal_created', seq: 9, data: proposal(3) });
    });
    await user.click(within(await item(3)).getByRole('button', { name: 'Edit or merge' }));
    await user.type(await screen.findByRole('spinbutton', { name: 'Number of a task' }), '12{Enter}');
    await waitFor(() => expect(asked[2]).toEqual(['3/merge', { task_id: 12 }]));
  });

  it('name the tasks that may say the same, and are merged with one click', async () => {
    server.use(http.get('*/api/links', () => HttpResponse.json([taskLink({ task_id: 12, task_title: 'Printer hangs', other_task_id: null, proposal_id: 2 })])));
    const { user } = renderPath('/review');
    const card = await item(2);
    expect(await within(card).findByRole('link', { name: '#12 Printer hangs' })).toHaveAttribute('href', '/tasks/12');
    expect(card).toHaveTextContent('68% alike. Both say: export, pdf');
    expect(within(await item(1)).queryByText(/alike/)).toBeNull();
    await user.click(within(card).getByRole('button', { name: 'Same' }));
    await waitFor(() => expect(asked).toEqual([['2/merge', { task_id: 12 }]]));
  });

  it('stay where the server refuses, with its sentence', async () => {
    server.use(http.post('*/api/proposals/:id/snooze', () => HttpResponse.json({ detail: 'It is accepted.' }, { status: 409 })));
    const { user } = renderPath('/review');
    await user.click(within(await item(2)).getByRole('button', { name: 'Tomorrow' }));
    expect(await screen.findByText('It is accepted.')).toBeVisible();
    expect(await item(2)).toBeVisible();
  });

  it('that cannot be read say so and can be asked for again', async () => {
    server.use(http.get('*/api/proposals', () => HttpResponse.json({ detail: 'The database is away.' }, { status: 503 })));
    renderPath('/review');
    expect(await screen.findByText('The database is away.', undefined, { timeout: 5000 })).toBeVisible();
  });
});
