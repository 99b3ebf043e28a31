import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { Task, TaskLink } from '@/lib/api';
import { stats, task, taskLink } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

let links: TaskLink[];
let shown: Task;
let asked: string[];

/** Decides as the API does: what was open is merged or refused, and open again when that is undone. */
beforeEach(() => {
  asked = [];
  shown = task({ id: 3, title: 'Export hangs', open_links: 1 });
  links = [taskLink({ id: 8, task_id: 3, task_title: 'Export hangs', other_task_id: 5, other_title: 'Експорт завис' })];
  server.use(
    http.get('*/api/tasks/:id', () => HttpResponse.json(shown)),
    http.get('*/api/tasks/:id/history', () => HttpResponse.json([])),
    http.get('*/api/tasks/:id/links', () => HttpResponse.json(links)),
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.post('*/api/links/:id/:act', ({ params }) => {
      asked.push(`${String(params.id)}/${String(params.act)}`);
      const status = ({ accept: 'merged', refuse: 'refused', undo: 'open' } satisfies Record<string, TaskLink['status']>)[String(params.act) as 'accept' | 'refuse' | 'undo'] as TaskLink['status'];
      links = links.map((link) => ({ ...link, status, undoable: status !== 'open' }));
      return HttpResponse.json({ link: links[0], task: shown, other_task: task({ id: 5 }) });
    }),
    http.post('*/api/tasks/:id/merge', async ({ request }) => {
      asked.push(`merge ${JSON.stringify(await request.json())}`);
      return HttpResponse.json({ detail: 'They are one task already.' }, { status: 409 });
    }),
  );
});

const section = () => screen.findByRole('region', { name: 'May be the same' });

describe('what may be the same as a task', () => {
  it('is said with the reason, merged with one click, and comes back when that is undone', async () => {
    const { user } = renderPath('/tasks/3');
    const region = await section();
    expect(await within(region).findByRole('link', { name: '#5 Експорт завис' })).toHaveAttribute('href', '/tasks/5');
    expect(region).toHaveTextContent('68% alike. Both say: export, pdf');
    await user.click(within(region).getByRole('button', { name: 'Same' }));
    await waitFor(() => expect(within(region).queryByRole('button', { name: 'Same' })).toBeNull());
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    expect(await within(region).findByRole('button', { name: 'Same' })).toBeVisible();
    expect(asked).toEqual(['8/accept', '8/undo']);
  });

  it('is not the same for ever, which can be undone later too', async () => {
    const { user } = renderPath('/tasks/3');
    const region = await section();
    await user.click(await within(region).findByRole('button', { name: 'Not the same' }));
    await user.click(await within(region).findByText('Merged, attached or not the same: 1'));
    expect(region).toHaveTextContent('Not the same as #5');
    await user.click(within(region).getByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(asked).toEqual(['8/refuse', '8/undo']));
  });

  it('may be named by a person; what the server refuses is said in its words', async () => {
    links = [];
    const { user } = renderPath('/tasks/3');
    await user.click(await within(await section()).findByText('The same as another task?'));
    const number = screen.getByRole('spinbutton', { name: 'Same as task number' });
    await user.type(number, '3{Enter}');
    expect(number).toHaveAccessibleDescription('This is that task: enter the number of another');
    await user.clear(number);
    await user.type(number, '12{Enter}');
    await waitFor(() => expect(screen.getByText('They are one task already.')).toBeVisible());
    expect(asked).toEqual(['merge {"into_task_id":12}']);
  });

  it('says into which task it was merged, and what was attached becomes a task of its own', async () => {
    shown = task({ id: 3, title: 'Export hangs', status: 'cancelled', duplicate_of_id: 9 });
    links = [taskLink({ id: 8, task_id: 3, status: 'attached', other_task_id: null, undoable: true })];
    const { user } = renderPath('/tasks/3');
    const region = await section();
    expect(await within(region).findByRole('link', { name: '#9' })).toHaveAttribute('href', '/tasks/9');
    await user.click(await within(region).findByText('Merged, attached or not the same: 1'));
    await user.click(within(region).getByRole('button', { name: 'Not the same: make a task of its own' }));
    await waitFor(() => expect(asked).toEqual(['8/refuse']));
  });
});
