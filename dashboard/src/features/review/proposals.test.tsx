import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Proposal } from '@/lib/api';
import '@/features/review/review-page'; // before a test waits for it
import { setPreference } from '@/lib/preferences';
import { FakeSocket } from '@/testing/fake-socket';
import { messageDetail, stats, task, taskLink } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

function proposal(id: number, more: Partial<Proposal> = {}): Proposal {
  return {
    id, status: 'pending', title: `Printer ${id} is slow`, description: '', category: 'bug', priority: 'high', confidence: 0.61, reason: 'It reads like a bug (61 %).', reason_clauses: [{ code: 'reads_like', values: { category: 'bug', percent: '61' } }],
    quote: 'so slow', provider: 'local', model: 'linear', source: 'telegram', assignee: null, due_at: null, created_at: '2026-03-02T10:00:00Z', updated_at: '2026-03-02T10:00:00Z',
    decided_at: null, decided_by: '', reject_reason: '', comment: '', snoozed_until: null, task_id: null, message_ids: [7], undoable: false, ...more,
  };
}

let waiting: Proposal[];
let asked: [string, unknown][];

/** Takes a decision as the API does: the proposal leaves the list, undoing brings it back. */
beforeEach(() => {
  setPreference('reviewOrder', 'risk');
  waiting = [proposal(2), proposal(1, { category: 'chore', priority: 'low' })];
  asked = [];
  server.use(
    http.get('*/api/tasks', () => HttpResponse.json([task({ id: 12, title: 'The printer' })])),
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.get('*/api/activity', () => HttpResponse.json({ data: [], period: { type: 'month', start: '2026-03-01', end: '2026-03-31', month: 2, year: 2026 }, total_messages: 0 })),
    http.get('*/api/proposals', () => HttpResponse.json(waiting)),
    http.get('*/api/proposals/:id/similar', () => HttpResponse.json([])),
    http.get('*/api/messages/7', () => HttpResponse.json(messageDetail({ id: 7, content: 'It jams every morning', author: 'Sara' }))),
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

const card = async (id: number) => (await screen.findByRole('heading', { name: `Printer ${id} is slow` })).closest('li') as HTMLElement;
const row = (id: number) => screen.findByRole('button', { name: new RegExp(`^Printer ${id} is slow`) });

describe('proposals', { timeout: 90_000 }, () => {
  it('say what, how sure and why, and lead to the message; the one looked at is in the address', async () => {
    const { user, router } = renderPath('/review');
    const first = await card(2);
    expect(first).toHaveTextContent('61% sure');
    expect(first).toHaveTextContent('It reads like a bug');
    expect(first).toHaveTextContent('so slow');
    expect(within(first).getByRole('link', { name: 'Open the message' })).toHaveAttribute('href', '/messages?id=7');
    const said = await within(first).findByRole('list', { name: 'What was said' });
    await waitFor(() => expect(said).toHaveTextContent(/Sara.*It jams every morning/));
    await user.click(await row(1));
    expect(await card(1)).toHaveAttribute('aria-current', 'true');
    expect(router.state.location.search).toBe('?proposal=1');
  });

  it('give the focus back when Escape closes what is open, and throw nothing typed away at the first one', async () => {
    const { user } = renderPath('/review');
    const at = within(await card(2));
    for (const [key, name, inside] of [['2', /^Duplicate of/, /^A task's words/], ['3', /^Not a task/, null], ['e', /^Edit/, 'Title of the task']] as const) {
      await user.keyboard(key);
      if (inside) expect(at.getByRole('textbox', { name: inside })).toHaveFocus();
      await user.keyboard('{Escape}');
      expect(at.getByRole('button', { name })).toHaveFocus();
      expect(at.getByRole('button', { name })).toHaveAttribute('aria-expanded', 'false');
    }
    await user.keyboard('e');
    await user.keyboard(' and loud{Escape}');
    expect(at.getByRole('button', { name: /^Edit/ })).toHaveFocus();
    expect(at.getByRole('textbox')).toHaveValue('Printer 2 is slow and loud');
    await user.keyboard('{Escape}');
    expect(at.queryByRole('textbox')).toBeNull();
  });

  it('are decided by keys, one after the other, and taken back', async () => {
    const { user } = renderPath('/review');
    await card(2);
    await user.keyboard('j');
    await card(1);
    await user.keyboard('k');
    await card(2);
    expect(screen.getByText('0 of 2 decided')).toBeVisible();
    await user.keyboard('1');
    await card(1);
    expect(screen.getByText('1 of 2 decided')).toBeVisible();
    await user.keyboard('34');
    expect(await screen.findByText('All decided')).toBeVisible();
    expect(screen.getByText(/1 accepted · 1 rejected/)).toBeVisible();
    await user.keyboard('u');
    await card(1);
    expect(asked).toEqual([['2/accept', {}], ['1/reject', { reason: 'already_done' }], ['1/undo', null]]);
  });

  it('are accepted in other words, found to be duplicates, put off', async () => {
    const { user } = renderPath('/review');
    await card(2);
    await user.keyboard('e');
    const title = await screen.findByRole('textbox', { name: 'Title of the task' });
    expect(title).toHaveFocus();
    await user.clear(title);
    await user.type(title, 'Repair it{Enter}');
    await waitFor(() => expect(asked).toEqual([['2/accept', { title: 'Repair it', category: 'bug', priority: 'high' }]]));
    await card(1);
    await user.keyboard('2');
    await user.click(await screen.findByRole('button', { name: 'Add to The printer' }));
    await waitFor(() => expect(asked[1]).toEqual(['1/merge', { task_id: 12 }]));
    act(() => {
      waiting = [proposal(3)];
      FakeSocket.last.send({ type: 'proposal_created', seq: 9, data: proposal(3) });
    });
    await card(3);
    await user.keyboard('h');
    await waitFor(() => expect(asked[2]?.[0]).toBe('3/snooze'));
  });

  it('are accepted with the button, and come back when the toast undoes it', async () => {
    const { user } = renderPath('/review');
    await user.click(within(await card(2)).getByRole('button', { name: 'Accept' }));
    await card(1);
    await user.click((await screen.findAllByRole('button', { name: 'Undo' })).at(-1) as HTMLElement);
    await card(2);
    expect(asked).toEqual([['2/accept', {}], ['2/undo', null]]);
  });

  it('name the tasks that may say the same, and are merged with one click', async () => {
    server.use(http.get('*/api/links', () => HttpResponse.json([taskLink({ task_id: 12, task_title: 'Printer hangs', other_task_id: null, proposal_id: 2 })])));
    const { user } = renderPath('/review');
    const shown = await card(2);
    expect(await within(shown).findByRole('link', { name: '#12 Printer hangs' })).toHaveAttribute('href', '/tasks/12');
    expect(shown).toHaveTextContent('68% alike. Both say: export, pdf');
    await user.click(within(shown).getByRole('button', { name: 'Same' }));
    await waitFor(() => expect(asked).toEqual([['2/merge', { task_id: 12 }]]));
  });

  it('stay where the server refuses, with its sentence', async () => {
    server.use(http.post('*/api/proposals/:id/snooze', () => HttpResponse.json({ detail: 'It is accepted.' }, { status: 409 })));
    const { user } = renderPath('/review');
    await user.click(within(await card(2)).getByRole('button', { name: 'Tomorrow' }));
    expect(await screen.findByText('It is accepted.')).toBeVisible();
    await card(2);
  });

  it('that cannot be read say so and can be asked for again', async () => {
    server.use(http.get('*/api/proposals', () => HttpResponse.json({ detail: 'The database is away.' }, { status: 503 })));
    renderPath('/review');
    expect(await screen.findByText('The database is away.', undefined, { timeout: 5000 })).toBeVisible();
  });

  it('are none in shadow, which says so and leads to what was judged', async () => {
    waiting = [];
    server.use(http.get('*/api/ai/settings', () => HttpResponse.json({ autonomy: 'shadow' })));
    renderPath('/review');
    expect(await screen.findByText(/In shadow nothing is proposed/)).toBeVisible();
    expect(screen.getByRole('link', { name: 'What it takes for something to do' })).toHaveAttribute('href', '/messages?classification=issue');
    expect(screen.getByRole('link', { name: 'Change that' })).toHaveAttribute('href', '/settings/ai');
  });

  it('are shown by risk or newest first, as was chosen last', async () => {
    waiting = [proposal(3, { confidence: 0.8 }), proposal(2, { confidence: 0.62 }), proposal(1, { confidence: 0.7, due_at: '2026-03-01T10:00:00Z' })];
    const { user } = renderPath('/review');
    await card(1);
    const titles = () => within(screen.getByRole('list', { name: 'Proposed tasks' })).getAllByText(/^Printer \d is slow$/).map((each) => each.textContent?.match(/\d/)?.[0]).join('');
    expect(titles()).toBe('123');
    await user.click(screen.getByRole('button', { name: 'Newest' }));
    expect(titles()).toBe('321');
    expect(localStorage.getItem('tasktracker.reviewOrder')).toBe('newest');
  });

  it('that are sure enough are accepted together, named before, but for those that may say the same, with one undo', async () => {
    waiting = [proposal(4, { confidence: 0.84 }), proposal(3, { confidence: 0.81 }), proposal(2, { confidence: 0.83 }), proposal(1)];
    server.use(http.get('*/api/links', () => HttpResponse.json([taskLink({ task_id: 12, other_task_id: null, proposal_id: 2 })])));
    const { user } = renderPath('/review');
    await user.click(await screen.findByRole('button', { name: 'Accept the surest…' }));
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByRole('combobox', { name: 'At least this sure:' })).toHaveDisplayValue('80%');
    expect(within(within(dialog).getByRole('list')).getAllByRole('listitem').map((item) => item.textContent?.match(/Printer \d/)?.[0])).toEqual(['Printer 3', 'Printer 4']);
    expect(within(dialog).getByText(/^1 more may say/)).toBeInTheDocument();
    await user.click(within(dialog).getByRole('button', { name: 'Accept these 2' }));
    await screen.findByText('2 tasks made');
    expect(asked.map(([what]) => what).sort()).toEqual(['3/accept', '4/accept']);
    await waitFor(() => expect(screen.getByText('2 of 4 decided')).toBeVisible());
    await user.click((await screen.findAllByRole('button', { name: 'Undo' })).at(-1) as HTMLElement);
    await screen.findByText('2 proposals wait again');
    expect(screen.getByText('0 of 4 decided')).toBeVisible();
  });

  it('that may say the same are decided together, each named with what happens to it, with one undo that takes the task back last', async () => {
    waiting = [proposal(4), proposal(3), proposal(2), proposal(1)];
    server.use(http.get('*/api/proposals/:id/similar', ({ params }) => HttpResponse.json(waiting.filter(({ id }) => id !== 3 && id !== Number(params.id)).map((each) => ({ proposal: each, score: 0.8, shared: ['printer', 'slow'] })))));
    const { user } = renderPath('/review?proposal=4');
    const similar = await within(await card(4)).findByRole('list', { name: '2 more wait that may say the same' });
    expect(similar).toHaveTextContent(/Printer 2 is slow.*printer, slow.*Printer 1 is slow/);
    await user.click(screen.getByRole('button', { name: 'Decide them together…' }));
    const dialog = within(await screen.findByRole('dialog', { name: 'Decide 3 proposals together' }));
    const happens = () => dialog.getAllByRole('listitem').map((item) => item.textContent?.match(/Printer \d|Becomes.*|Is .*/g)?.join(' '));
    expect(happens()).toEqual(['Printer 4 Becomes the task', 'Printer 2 Is added to that task', 'Printer 1 Is added to that task']);
    await user.click(dialog.getByRole('checkbox', { name: 'Printer 1 is slow' }));
    expect(happens().at(-1)).toBe('Printer 1 Is left out and waits on');
    await user.click(dialog.getByRole('button', { name: 'Make one task of 2' }));
    await screen.findByText('One task of 2: Printer 4 is slow');
    expect(asked).toEqual([['4/accept', {}], ['2/merge', { task_id: 44 }]]);
    await user.click((await screen.findAllByRole('button', { name: 'Undo' })).at(-1) as HTMLElement);
    await screen.findByText('2 proposals wait again');
    expect(asked.slice(2).map(([what]) => what)).toEqual(['2/undo', '4/undo']);
  });

  it('leave behind what changed, with the way to it', async () => {
    const { user } = renderPath('/review');
    await card(2);
    await user.keyboard('1');
    await card(1);
    await user.keyboard('h');
    const changed = await screen.findByRole('list', { name: 'What changed' });
    expect(within(changed).getByRole('link', { name: '#44 Printer 2 is slow' })).toHaveAttribute('href', '/tasks/44');
    expect(within(changed).getByText('Put off')).toBeVisible();
  });
});
