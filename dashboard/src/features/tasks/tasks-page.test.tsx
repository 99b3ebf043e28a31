import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { Task, TaskUpdate } from '@/lib/api';
import { setPreference } from '@/lib/preferences';
import { historyEntry, messageDetail, stats, task } from '@/testing/factory';
import { FakeSocket } from '@/testing/fake-socket';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

let stored: Task[];
let patched: [number, TaskUpdate][];

beforeEach(() => {
  setPreference('tasksView', 'list');
  setPreference('closedGroups', '');
  setPreference('groupTasksBy', 'status');
  patched = [];
  stored = [task({ id: 3, title: 'Find the receipt' }), task({ id: 2, title: 'Export to CSV', status: 'in_progress' }), task({ id: 1, title: 'Raise the timeout' })];
  server.use(
    http.get('*/api/tasks', ({ request }) => {
      const { searchParams } = new URL(request.url);
      return HttpResponse.json(searchParams.get('q') ? [] : stored.filter((t) => t.status === searchParams.get('status')));
    }),
    http.get('*/api/tasks/:id', ({ params }) => {
      const found = stored.find((t) => t.id === Number(params.id));
      return found ? HttpResponse.json(found) : HttpResponse.json({ detail: 'Task not found' }, { status: 404 });
    }),
    http.get('*/api/tasks/:id/links', () => HttpResponse.json([])),
    http.get('*/api/tasks/:id/history', () =>
      HttpResponse.json([historyEntry({ field: 'status', from: 'open', to: 'in_progress', actor: 'priya' }), historyEntry({ actor: 'local', actor_kind: 'ai' })]),
    ),
    http.patch('*/api/tasks/:id', async ({ request, params }) => {
      const patch = (await request.json()) as TaskUpdate;
      const id = Number(params.id);
      patched.push([id, patch]);
      stored = stored.map((t) => (t.id === id ? ({ ...t, ...patch, updated_at: new Date().toISOString() } as Task) : t));
      return HttpResponse.json(stored.find((t) => t.id === id));
    }),
    http.get('*/api/stats', () => HttpResponse.json(stats({ open: 2, in_progress: 1 }))),
    http.get('*/api/messages/filters', () => HttpResponse.json({ authors: [], sources: ['telegram'], total_messages: 0, date_range: { earliest: null, latest: null } })),
  );
});

const row = (title: string) => screen.findByRole('button', { name: title });
const group = (name: RegExp) => screen.getByRole('button', { name });

describe('the page of tasks', () => {
  it('groups by status with counts, and takes in what others make and change', async () => {
    renderPath('/tasks');
    await row('Find the receipt');
    expect(group(/^Open 2$/)).toBeInTheDocument();
    expect(group(/^In progress 1$/)).toBeInTheDocument();
    const made = task({ id: 9, title: 'From elsewhere', created_at: '2026-03-02T10:00:00Z' });
    act(() => FakeSocket.last.send({ type: 'task_created', seq: 2, data: made }));
    await row('From elsewhere');
    expect(group(/^Open 3$/)).toBeInTheDocument();
    act(() => FakeSocket.last.send({ type: 'task_updated', seq: 3, data: { ...made, status: 'completed', updated_at: '2026-03-02T10:01:00Z', changed: ['status'] } }));
    await waitFor(() => expect(group(/^Completed 1$/)).toBeInTheDocument());
  });

  it('goes from card to card of the board by keyboard', async () => {
    const { user } = renderPath('/tasks?view=board');
    const first = await screen.findByRole('button', { name: /Find the receipt/ });
    const next = await screen.findByRole('button', { name: /Raise the timeout/ });
    await user.keyboard('j');
    expect(first).toHaveFocus();
    await user.keyboard('j');
    expect(next).toHaveFocus();
    await user.keyboard('k');
    expect(first).toHaveFocus();
  });

  it('changes a status by keyboard, and undoes it', async () => {
    const { user } = renderPath('/tasks');
    await row('Find the receipt');
    await user.keyboard('j');
    await waitFor(() => expect(screen.getByRole('button', { name: 'Find the receipt' })).toHaveFocus());
    await user.keyboard('s');
    await user.click(await screen.findByRole('menuitemradio', { name: 'Completed' }));
    await waitFor(() => expect(patched).toEqual([[3, { status: 'completed' }]]));
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await waitFor(() => expect(patched.at(-1)).toEqual([3, { status: 'open' }]));
    await screen.findByText('1 task is as it was');
  });

  it('does not offer to ask again for a task that is not there', async () => {
    renderPath('/tasks/77');
    expect(await screen.findByRole('alert')).toHaveTextContent('Task not found');
    expect(screen.queryByRole('button', { name: 'Try again' })).not.toBeInTheDocument();
  });

  it('changes many with one undo for all', async () => {
    const { user } = renderPath('/tasks');
    await user.click(await screen.findByRole('checkbox', { name: 'Select: Find the receipt' }));
    await user.click(screen.getByRole('checkbox', { name: 'Select: Raise the timeout' }));
    const bar = await screen.findByRole('toolbar', { name: 'Change the selected tasks' });
    expect(bar).toHaveTextContent('2 selected');
    await user.click(within(bar).getByRole('button', { name: /^Priority/ }));
    await user.click(await screen.findByRole('menuitemradio', { name: 'High' }));
    await screen.findByText('2 tasks changed');
    expect(stored.map((t) => t.priority)).toEqual(['high', 'medium', 'high']);
    await user.click(screen.getByRole('button', { name: 'Undo' }));
    await screen.findByText('2 tasks are as they were');
    expect(stored.map((t) => t.priority)).toEqual(['medium', 'medium', 'medium']);
  });

  it('takes back what the server refuses, in its words', async () => {
    server.use(http.patch('*/api/tasks/:id', () => HttpResponse.json({ detail: 'The broker cannot take it now' }, { status: 503 })));
    const { user } = renderPath('/tasks');
    await row('Find the receipt');
    await user.keyboard('jp');
    await user.click(await screen.findByRole('menuitemradio', { name: 'Critical' }));
    await screen.findByText('The broker cannot take it now');
    expect(screen.queryByRole('button', { name: 'Priority: Critical' })).not.toBeInTheDocument();
  });

  it('shows a task beside the list with history and evidence, Esc closes it and the focus is back at its row', async () => {
    stored[0] = task({ id: 3, title: 'Find the receipt', source_message_ids: [70] });
    server.use(http.get('*/api/messages/70', () => HttpResponse.json(messageDetail({ id: 70, external_message_id: '42', content: 'The receipt of 18:52 is gone' }))));
    const { user, router } = renderPath('/tasks');
    await user.click(await row('Find the receipt'));
    const panel = await screen.findByRole('complementary', { name: 'Task 3' });
    expect(router.state.location.search).toBe('?task=3');
    expect(await within(panel).findByText('The receipt of 18:52 is gone')).toBeInTheDocument();
    expect(within(panel).getByRole('link', { name: 'In Telegram' })).toHaveAttribute('href', 'https://t.me/c/2988379206/42');
    expect(await within(panel).findByText('priya')).toBeInTheDocument();
    expect(within(panel).getByText('changed the status')).toBeInTheDocument();
    expect(within(panel).getByText('The built-in classifier')).toBeInTheDocument();
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('complementary', { name: 'Task 3' })).not.toBeInTheDocument());
    await waitFor(() => expect(screen.getByRole('button', { name: 'Find the receipt' })).toHaveFocus());
  });

  it('keeps the filter in the address and says that nothing matches', async () => {
    const { user, router } = renderPath('/tasks?q=unicorn');
    await screen.findByText('Nothing matches');
    const [clear] = screen.getAllByRole('button', { name: 'Clear filters' });
    if (clear) await user.click(clear);
    expect(router.state.location.search).toBe('');
    await row('Find the receipt');
  });

  it('asks for one assignee and for what is overdue, in the address and as chips that can be taken off', async () => {
    const asked: string[] = [];
    server.use(
      http.get('*/api/tasks', ({ request }) => {
        const { searchParams } = new URL(request.url);
        const has = (t: Task) => !searchParams.get('assignee') || t.assignee === searchParams.get('assignee');
        asked.push(`${searchParams.get('assignee')} ${searchParams.get('due')}`);
        return HttpResponse.json(stored.filter((t) => t.status === searchParams.get('status')).filter(has));
      }),
    );
    stored = [task({ id: 3, title: 'Find the receipt', assignee: 'Priya' }), task({ id: 2, title: 'Export to CSV' })];
    const { user, router } = renderPath('/tasks?due=overdue');
    await user.click(await screen.findByRole('button', { name: 'Filter' }));
    await user.type(await screen.findByRole('textbox', { name: 'Assignee' }), 'Priya{Enter}');
    await waitFor(() => expect(router.state.location.search).toBe('?due=overdue&assignee=Priya'));
    await waitFor(() => expect(asked).toContain('Priya overdue'));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Export to CSV' })).not.toBeInTheDocument());
    await row('Find the receipt');
    await user.click(screen.getByRole('button', { name: /Due: Overdue/ }));
    await waitFor(() => expect(router.state.location.search).toBe('?assignee=Priya'));
    const given = task({ id: 3, title: 'Find the receipt', assignee: 'Ada', updated_at: '2026-03-02T10:00:00Z' });
    act(() => FakeSocket.last.send({ type: 'task_updated', seq: 2, data: { ...given, changed: ['assignee'] } }));
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Find the receipt' })).not.toBeInTheDocument());
    await user.click(screen.getByRole('button', { name: 'Filter' }));
    await user.click(await screen.findByRole('button', { name: 'Nobody' }));
    await waitFor(() => expect(router.state.location.search).toBe('?assignee=none'));
    expect(screen.getByRole('textbox', { name: 'Assignee' })).toHaveValue('');
  });

  it('keeps what was typed and not saved over leaving and coming back', async () => {
    const { user, router } = renderPath('/tasks/3');
    await screen.findByRole('heading', { name: 'Find the receipt' });
    await user.keyboard('e');
    await user.type(await screen.findByRole('textbox', { name: 'Title' }), ' of Monday');
    await act(() => router.navigate('/tasks?new=1'));
    await user.type(await screen.findByRole('textbox', { name: 'Title' }), 'A new one');
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
    await act(() => router.navigate('/tasks?new=1'));
    expect(await screen.findByRole('textbox', { name: 'Title' })).toHaveValue('A new one');
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await act(() => router.navigate('/tasks/3'));
    const title = await screen.findByRole('textbox', { name: 'Title' });
    expect(title).toHaveValue('Find the receipt of Monday');
    expect(screen.getByText('Typed before and not saved yet')).toBeVisible();
    await user.type(title, '{Enter}');
    await waitFor(() => expect(patched).toEqual([[3, { title: 'Find the receipt of Monday' }]]));
    expect(await screen.findByRole('heading', { name: 'Find the receipt of Monday' })).toBeVisible();
    expect(sessionStorage.length).toBe(0);
  });

  it('is changed by keys on a page of its own, which copy its number too', async () => {
    const { user } = renderPath('/tasks/3');
    await screen.findByRole('heading', { name: 'Find the receipt' });
    await user.keyboard('s');
    await user.click(await screen.findByRole('menuitemradio', { name: 'Completed' }));
    await waitFor(() => expect(patched).toEqual([[3, { status: 'completed' }]]));
    await user.keyboard('.');
    await waitFor(async () => expect(await navigator.clipboard.readText()).toBe('#3'));
    await user.keyboard('e');
    expect(await screen.findByRole('textbox', { name: 'Title' })).toHaveFocus();
    await user.keyboard('{Escape}');
    expect(await screen.findByRole('heading', { name: 'Find the receipt' })).toBeVisible();
  });

  it('says in the words of the server that a task is not there', async () => {
    renderPath('/tasks/77');
    await screen.findByText('Task not found');
  });

  it('shows the columns that were chosen, and remembers them', async () => {
    const { user } = renderPath('/tasks');
    await row('Find the receipt');
    expect(screen.getByText('#3')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Display' }));
    await user.click(await screen.findByRole('checkbox', { name: 'Number' }));
    await waitFor(() => expect(screen.queryByText('#3')).not.toBeInTheDocument());
    expect(localStorage.getItem('tasktracker.hiddenColumns')).toBe('id');
    setPreference('hiddenColumns', '');
  });

  it('groups by what is chosen, and what is changed goes to its group', async () => {
    stored = [task({ id: 3, title: 'Find the receipt', priority: 'high' }), task({ id: 2, title: 'Export to CSV', priority: 'low', status: 'completed' })];
    server.use(
      http.get('*/api/tasks', ({ request }) => {
        const { searchParams } = new URL(request.url);
        const passes = (name: 'status' | 'priority') => (t: Task) => (searchParams.get(name) ?? t[name]) === t[name];
        return HttpResponse.json(stored.filter(passes('status')).filter(passes('priority')));
      }),
    );
    const { user } = renderPath('/tasks');
    await user.click(await screen.findByRole('button', { name: 'Display' }));
    await user.click(await screen.findByRole('radio', { name: 'Priority' }));
    await user.keyboard('{Escape}');
    await waitFor(() => expect(group(/^High 1$/)).toBeInTheDocument());
    expect(group(/^Low 1$/)).toBeInTheDocument();
    expect(group(/^Critical 0$/)).toBeInTheDocument();
    expect(localStorage.getItem('tasktracker.groupTasksBy')).toBe('priority');
    const changed = task({ id: 3, title: 'Find the receipt', priority: 'critical', updated_at: '2026-03-02T10:00:00Z' });
    stored = stored.map((t) => (t.id === 3 ? changed : t));
    act(() => FakeSocket.last.send({ type: 'task_updated', seq: 2, data: { ...changed, changed: ['priority'] } }));
    await waitFor(() => expect(group(/^Critical 1$/)).toBeInTheDocument());
    await waitFor(() => expect(group(/^High 0$/)).toBeInTheDocument());
    setPreference('groupTasksBy', 'status');
  });

  describe('by who has them', () => {
    const passes = (t: Task, name: string, value: string | null) => value === null || (name === 'assignee' && value === 'none' ? t.assignee === null : String(t[name as keyof Task]) === value);
    let asked: string[];
    beforeEach(() => {
      asked = [];
      stored = [task({ id: 3, title: 'Find the receipt', assignee: 'Priya' }), task({ id: 2, title: 'Export to CSV', status: 'completed', assignee: 'Ada' }), task({ id: 1, title: 'Raise the timeout' })];
      server.use(
        http.get('*/api/tasks', ({ request }) => {
          const { searchParams } = new URL(request.url);
          asked.push(searchParams.get('assignee') ?? '');
          return HttpResponse.json(stored.filter((t) => ['status', 'assignee'].every((name) => passes(t, name, searchParams.get(name)))));
        }),
        http.get('*/api/tasks/counts', ({ request }) => {
          const { searchParams } = new URL(request.url);
          expect(searchParams.get('by')).toBe('assignee');
          const of = (value: string) => stored.filter((t) => passes(t, 'assignee', value)).length;
          return HttpResponse.json(['none', 'Priya', 'Ada', 'Zoe'].flatMap((value) => (of(value) > 0 ? [{ value, name: null, count: of(value) }] : [])));
        }),
      );
    });

    it('are listed with the counts of the server, in the order of the names, and go to the group of who gets them', async () => {
      setPreference('groupTasksBy', 'assignee');
      const { user } = renderPath('/tasks');
      await row('Export to CSV');
      await row('Raise the timeout');
      expect(screen.getAllByRole('button', { expanded: true, name: /\d$/ }).map((head) => head.textContent)).toEqual([expect.stringMatching(/Ada 1$/), expect.stringMatching(/Priya 1$/), expect.stringMatching(/Nobody 1$/)]);
      await user.click(group(/Ada 1$/));
      expect(screen.queryByRole('button', { name: 'Export to CSV' })).not.toBeInTheDocument();
      const given = task({ id: 3, title: 'Find the receipt', assignee: 'Zoe', updated_at: '2026-03-02T10:00:00Z' });
      stored = stored.map((t) => (t.id === 3 ? given : t));
      act(() => FakeSocket.last.send({ type: 'task_updated', seq: 2, data: { ...given, changed: ['assignee'] } }));
      act(() => FakeSocket.last.send({ type: 'stats_updated', seq: 3, data: { reason: 'task_updated', task_id: 3 } }));
      await waitFor(() => expect(group(/Zoe 1$/)).toBeInTheDocument());
      await row('Find the receipt');
      await waitFor(() => expect(screen.queryByRole('button', { name: /Priya \d$/ })).not.toBeInTheDocument());
      expect(localStorage.getItem('tasktracker.closedGroups')).toBe('assignee:Ada');
      setPreference('groupTasksBy', 'status');
    });

    it('are lanes of the board, kept in the address, each asked for once it is near', async () => {
      let near: IntersectionObserverCallback[] = [];
      vi.stubGlobal('IntersectionObserver', class {
        constructor(private readonly tell: IntersectionObserverCallback) {}
        observe = () => near.push(this.tell);
        disconnect = () => (near = near.filter((each) => each !== this.tell));
      });
      setPreference('tasksView', 'board');
      const { user, router } = renderPath('/tasks');
      await user.click(await screen.findByRole('button', { name: 'Lanes' }));
      await user.click(await screen.findByRole('radio', { name: 'Assignee' }));
      await user.keyboard('{Escape}');
      expect(router.state.location.search).toBe('?lanes=assignee');
      const ada = await screen.findByRole('region', { name: 'Ada' });
      expect(screen.getAllByRole('region').map((lane) => lane.getAttribute('aria-label'))).toEqual(expect.arrayContaining(['Ada', 'Priya', 'Nobody']));
      expect(asked.filter(Boolean)).toEqual([]);
      act(() => near.forEach((tell) => tell([{ isIntersecting: true } as IntersectionObserverEntry], {} as IntersectionObserver)));
      expect(await within(ada).findByRole('button', { name: /Export to CSV/ })).toBeVisible();
      expect(within(within(ada).getByRole('list', { name: 'Ada, Completed' })).getAllByRole('listitem')).toHaveLength(1);
      expect(within(ada).getByRole('list', { name: 'Ada, Open' })).toBeEmptyDOMElement();
      await user.click(within(ada).getByRole('button', { name: /Ada 1$/ }));
      expect(within(ada).queryByRole('list', { name: 'Ada, Open' })).not.toBeInTheDocument();
      vi.unstubAllGlobals();
    });
  });

  it('shows what a link was made of, whatever its reader prefers', async () => {
    const { user, router } = renderPath('/tasks?view=board');
    expect(await screen.findByRole('region', { name: 'In progress' })).toBeVisible();
    expect(localStorage.getItem('tasktracker.tasksView')).not.toBe('board');
    await user.keyboard('v');
    await row('Find the receipt');
    expect(router.state.location.search).toBe('?view=list');
    await user.click(screen.getByRole('button', { name: 'Board' }));
    expect(router.state.location.search).toBe('?view=board');
    expect(localStorage.getItem('tasktracker.tasksView')).toBe('board');
  });

  it('tells who edits that somebody else has saved meanwhile, also after a while elsewhere', async () => {
    const { user, router } = renderPath('/tasks/3');
    await user.click(await screen.findByRole('button', { name: 'Edit the title' }));
    await user.type(screen.getByRole('textbox', { name: 'Title' }), ' again');
    const theirs = task({ id: 3, title: 'Find all receipts', updated_at: '2026-03-02T10:00:00Z' });
    stored = stored.map((t) => (t.id === 3 ? theirs : t));
    act(() => FakeSocket.last.send({ type: 'task_updated', seq: 2, data: { ...theirs, changed: ['title'] } }));
    expect(await screen.findByText(/Somebody has changed it since you began/)).toBeVisible();
    await act(() => router.navigate('/tasks'));
    await row('Find all receipts');
    await act(() => router.navigate('/tasks/3'));
    expect(await screen.findByText(/Somebody has changed it since you began/)).toBeVisible();
    expect(screen.getByRole('textbox', { name: 'Title' })).toHaveValue('Find the receipt again');
    await user.click(screen.getByRole('button', { name: 'Leave it as it is now' }));
    expect(await screen.findByRole('heading', { name: 'Find all receipts' })).toBeVisible();
    expect(patched).toEqual([]);
  });

  it.each([
    [new HttpResponse('<html>Sign in</html>', { status: 401 }), /lets you in no more \(HTTP 401\)/],
    [new HttpResponse('<html>', { status: 502 }), /cannot answer now \(HTTP 502\)/],
    [new HttpResponse('<html>Sign in</html>', { status: 200 }), /did not come from Task Tracker/],
  ])('says what to do where a proxy answers in place of the server', async (answer, sentence) => {
    server.use(http.get('*/api/tasks/:id', () => answer.clone()));
    renderPath('/tasks/3');
    expect(await screen.findByText(sentence)).toBeVisible();
  });

  it('groups by the chat that tasks came from, under its name, those of none last', async () => {
    stored = [task({ id: 3, title: 'Find the receipt', chat_id: '-7', chat_name: 'Shop' }), task({ id: 2, title: 'Export to CSV' }), task({ id: 1, title: 'Raise the timeout', chat_id: '-5', chat_name: 'Cellar' })];
    server.use(
      http.get('*/api/tasks', ({ request }) => {
        const chat = new URL(request.url).searchParams.get('chat_id');
        return HttpResponse.json(stored.filter((t) => chat === null || (t.chat_id ?? 'none') === chat));
      }),
      http.get('*/api/tasks/counts', ({ request }) => {
        expect(new URL(request.url).searchParams.get('by')).toBe('chat_id');
        return HttpResponse.json([{ value: 'none', name: null, count: 1 }, { value: '-7', name: 'Shop', count: 1 }, { value: '-5', name: 'Cellar', count: 1 }]);
      }),
    );
    setPreference('groupTasksBy', 'chat_id');
    renderPath('/tasks');
    await row('Export to CSV');
    await row('Find the receipt');
    expect(screen.getAllByRole('button', { expanded: true, name: /\d$/ }).map((head) => head.textContent)).toEqual([expect.stringMatching(/Cellar 1$/), expect.stringMatching(/Shop 1$/), expect.stringMatching(/No chat 1$/)]);
    setPreference('groupTasksBy', 'status');
  });

  it('says no number of what could be neither counted nor read', async () => {
    server.use(
      http.get('*/api/stats', () => HttpResponse.json({ detail: 'down' }, { status: 500 })),
      http.get('*/api/tasks', () => HttpResponse.json({ detail: 'down' }, { status: 500 })),
    );
    renderPath('/tasks');
    expect((await screen.findAllByText('down')).length).toBeGreaterThan(1);
    expect(group(/^Open$/)).toBeVisible();
  });

  it('takes a range with Shift', async () => {
    const { user } = renderPath('/tasks');
    await user.click(await screen.findByRole('checkbox', { name: 'Select: Find the receipt' }));
    await user.keyboard('{Shift>}');
    await user.click(screen.getByRole('checkbox', { name: 'Select: Export to CSV' }));
    await user.keyboard('{/Shift}');
    expect(await screen.findByRole('toolbar', { name: 'Change the selected tasks' })).toHaveTextContent('3 selected');
  });
});
