import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import { startI18n } from '@/i18n/i18n';
import type { Message, TaskCreate } from '@/lib/api';
import { message, messageDetail, stats, task } from '@/testing/factory';
import { FakeSocket } from '@/testing/fake-socket';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

let stored: Message[];
const asked: URL[] = [];

beforeEach(() => {
  stored = [message({ id: 30, content: 'The receipt is lost' }), message({ id: 29, content: 'Deploying now', author: 'Priya Raman' })];
  asked.length = 0;
  server.use(
    http.get('*/api/messages', ({ request }) => {
      const url = new URL(request.url);
      asked.push(url);
      return HttpResponse.json(url.searchParams.get('q') ? [] : stored);
    }),
    http.get('*/api/messages/filters', () => HttpResponse.json({ authors: ['Priya Raman'], sources: ['telegram'], total_messages: stored.length, date_range: { earliest: null, latest: null } })),
    http.get('*/api/messages/:id', ({ params }) => {
      const found = stored.find((m) => m.id === Number(params.id));
      return found ? HttpResponse.json(messageDetail({ ...found, raw: { update_id: 1 } })) : HttpResponse.json({ detail: 'Message not found' }, { status: 404 });
    }),
    http.get('*/api/settings', () => HttpResponse.json({ telegram: { bot_token: '', webhook_base_url: '' }, updated_at: null })),
    http.get('*/api/webhook-settings', () => HttpResponse.json({ telegram: null, default_protocol: 'https', default_host: '' })),
    http.get('*/api/stats', () => HttpResponse.json(stats())),
  );
});

const line = (text: string) => screen.findByRole('button', { name: new RegExp(text) });

describe('the page of messages', () => {
  it('names author and group in each row, and the palette offers what it has for any words', async () => {
    stored = [message({ id: 30, content: '[voice 0:23]', author: 'Priya Raman', chat_name: 'Ledgerline Core' })];
    const { user } = renderPath('/messages');
    expect(await line('voice 0:23')).toHaveTextContent('Priya RamanLedgerline Core');
    await user.keyboard('{Control>}k{/Control}');
    await user.type(await screen.findByRole('combobox'), '12');
    expect(await screen.findByRole('option', { name: 'Open task #12' })).toBeInTheDocument();
    expect(screen.queryByText('Nothing found.')).not.toBeInTheDocument();
  });

  it('says in the reader’s language why something was decided, and leaves the focus there', async () => {
    stored = [message({ id: 30, content: 'The receipt is lost', classification: { is_issue: true, category: 'bug', priority: 'medium', confidence: 0.9, provider: 'local', classified_at: '2026-03-02T09:16:00Z' } })];
    const judged = { at: '2026-03-02T09:16:00Z', provider: 'local', model: 'linear', prompt_version: '3', reason: 'It reads like a bug (90 %); something is down.', reason_clauses: [{ code: 'reads_like', values: { category: 'bug', percent: '90' } }, { code: 'signal_outage', values: {} }], signals: ['outage'] };
    server.use(
      http.get('*/api/messages/30/receipt', () => HttpResponse.json({ answer: 'It led to task 7, which a person made.', answer_clauses: [{ code: 'answer_by_person', values: { task: '7' } }], judgements: [judged] })),
    );
    await startI18n('uk');
    const { user } = renderPath('/messages?id=30');
    await user.click(await screen.findByRole('button', { name: 'Чому?' }));
    expect(await screen.findByText('Воно привело до завдання 7, яке створила людина.')).toBeInTheDocument();
    expect(screen.getByText(/^Схоже на: помилка \(90\s?%\); щось не працює\.$/)).toBeInTheDocument();
    expect(screen.getByText(/^Схоже на/).closest('[role=status]')).toHaveFocus();
  });

  it('shows an arrival as unsaved, then confirms it in place', async () => {
    renderPath('/messages');
    await line('The receipt is lost');
    const arrival = message({ id: 0, external_message_id: '31', content: 'Found it', persisted: false, sent_at: '2026-03-02T09:16:00Z' });
    act(() => FakeSocket.last.send({ type: 'message.new', seq: 2, data: arrival }));
    expect(await line('Found it')).toHaveAccessibleName(/saving/);
    act(() => FakeSocket.last.send({ type: 'message.updated', seq: 3, data: { ...arrival, id: 31, persisted: true } }));
    await waitFor(() => expect(screen.getByRole('button', { name: /Found it/ })).not.toHaveAccessibleName(/saving/));
    const names = within(screen.getByRole('list', { name: 'Messages' })).getAllByRole('button').map((b) => b.textContent);
    expect(names[0]).toContain('Found it');
  });

  it('opens a message with its place in the address, and makes a task of it by keyboard', async () => {
    let sent: TaskCreate | undefined;
    server.use(
      http.post('*/api/tasks', async ({ request }) => {
        sent = (await request.json()) as TaskCreate;
        return HttpResponse.json(task({ id: 7, title: sent.title }), { status: 201 });
      }),
    );
    const { user, router } = renderPath('/messages');
    await line('The receipt is lost');
    await user.keyboard('j');
    await screen.findByRole('article', { name: 'Message' });
    expect(router.state.location.search).toBe('?id=30');
    await user.keyboard('t');
    const title = await screen.findByRole('textbox', { name: 'Title' });
    expect(title).toHaveValue('The receipt is lost');
    await user.clear(title);
    await user.keyboard('{Control>}{Enter}{/Control}');
    expect(await screen.findByText('A task needs a title')).toBeVisible();
    await user.type(title, 'Find the receipt');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await waitFor(() => expect(sent).toMatchObject({ title: 'Find the receipt', source: 'telegram', source_message_ids: [30] }));
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
  });

  it('goes back from a search to what was there before it, not to a message that was closed', async () => {
    const { user, router } = renderPath('/messages');
    await line('The receipt is lost');
    await user.keyboard('j');
    await screen.findByRole('article', { name: 'Message' });
    await user.keyboard('{Escape}');
    await waitFor(() => expect(screen.queryByRole('article')).not.toBeInTheDocument());
    await user.type(screen.getByRole('searchbox'), 'uni{Enter}corn{Enter}');
    await waitFor(() => expect(router.state.location.search).toBe('?q=unicorn'));
    await act(() => router.navigate(-1));
    expect(router.state.location.search).toBe('');
    expect(screen.getByRole('searchbox')).toHaveValue('');
    expect(await line('The receipt is lost')).toBeInTheDocument();
  });

  it('keeps what was typed and shows the sentence of the server at its field', async () => {
    server.use(http.post('*/api/tasks', () => HttpResponse.json({ detail: [{ loc: ['body', 'title'], msg: 'is forbidden today', type: 'x' }] }, { status: 422 })));
    const { user } = renderPath('/messages?id=30');
    await user.click(await screen.findByRole('button', { name: 'Make a task' }));
    await user.click(await screen.findByRole('button', { name: 'Create the task' }));
    expect(await screen.findByText('is forbidden today')).toBeVisible();
    expect(screen.getByRole('textbox', { name: 'Title' })).toHaveValue('The receipt is lost');
    expect(screen.getByRole('textbox', { name: 'Title' })).toBeInvalid();
  });

  it('tells apart that nothing matches, that no bot is there and that nothing was said', async () => {
    const { user, unmount, router } = renderPath('/messages?q=unicorn&author=priya');
    await screen.findByText('Nothing matches');
    await user.click(screen.getByRole('button', { name: 'Remove filter Words: unicorn' }));
    expect(router.state.location.search).toBe('?author=priya');
    await waitFor(() => expect(screen.getByRole('main')).toHaveFocus()); // the chip is gone that had the focus
    await line('The receipt is lost');
    unmount();
    stored = [];
    const second = renderPath('/messages');
    await screen.findByText('No chat is connected yet');
    second.unmount();
    server.use(http.get('*/api/settings', () => HttpResponse.json({ telegram: { bot_token: '1234567890...[truncated]', webhook_base_url: '' }, updated_at: null })));
    renderPath('/messages');
    await screen.findByText('No messages yet');
  });

  it('shows the refusal of the server with a way to try again, never an empty list', async () => {
    server.use(http.get('*/api/messages', () => HttpResponse.json({ detail: 'The database cannot take it now; try again' }, { status: 500 })));
    const { user } = renderPath('/messages');
    await screen.findByText('The database cannot take it now; try again');
    server.use(http.get('*/api/messages', () => HttpResponse.json(stored)));
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await line('The receipt is lost');
  });

  it('without a connection keeps what is known and says why nothing can be changed', async () => {
    const { user } = renderPath('/messages?id=30');
    await screen.findByRole('button', { name: 'Make a task' });
    act(() => FakeSocket.last.drop());
    expect(screen.getByText('reconnecting')).toBeInTheDocument();
    expect(screen.getByRole('button', { name: 'Make a task' })).toHaveAttribute('aria-disabled', 'true');
    await user.click(screen.getByRole('button', { name: 'Make a task' }));
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument();
    expect(await line('The receipt is lost')).toBeInTheDocument();
  });

  describe('acts on many', () => {
    let classified: [number, unknown][];
    const asMessage = (id: number, classification: Message['classification'], task_id: number | null = null) => ({ ...(stored.find((m) => m.id === id) as Message), classification, task_id });
    const byPerson = (is_issue: boolean): Message['classification'] => ({ is_issue, category: is_issue ? 'bug' : null, priority: is_issue ? 'medium' : null, confidence: 1, provider: 'user', classified_at: new Date().toISOString() });

    beforeEach(() => {
      classified = [];
      stored = [30, 29, 28, 27].map((id) => message({ id, content: `Said ${id}`, sent_at: `2026-03-02T09:${id}:00Z` }));
      server.use(
        http.put('*/api/messages/:id/classification', async ({ params, request }) => {
          const id = Number(params.id);
          const body = (await request.json()) as { is_issue: boolean };
          if (id === 28) return HttpResponse.json({ detail: 'The broker cannot take it now' }, { status: 503 });
          classified.push([id, body]);
          return HttpResponse.json(asMessage(id, byPerson(body.is_issue)));
        }),
        http.delete('*/api/messages/:id/classification', ({ params }) => {
          classified.push([Number(params.id), null]);
          return HttpResponse.json(asMessage(Number(params.id), null));
        }),
      );
    });

    /** Not the one of the conversation beside the list. */
    const inList = (text: string) => within(screen.getByRole('list', { name: 'Messages' })).getByRole('button', { name: new RegExp(text) });
    const box = (id: number) => screen.findByRole('checkbox', { name: `Choose: Said ${id}` });

    it('chosen by keys and as a range, with one undo, and keeps chosen what failed', async () => {
      const { user } = renderPath('/messages');
      await user.click(await box(30));
      await user.keyboard('{Shift>}');
      await user.click(await box(28));
      await user.keyboard('{/Shift}');
      const bar = await screen.findByRole('toolbar', { name: 'Act on the chosen messages' });
      expect(bar).toHaveTextContent('3 chosen');
      await user.keyboard('n');
      await screen.findByText('2 messages: nothing to do');
      expect(screen.getByText(/The broker cannot take it now «Said 28»/)).toBeInTheDocument();
      expect(classified).toEqual([[30, { is_issue: false }], [29, { is_issue: false }]]);
      expect(await box(30)).not.toBeChecked();
      expect(await box(28)).toBeChecked();
      expect(await line('Said 30')).toHaveAccessibleName(/Nothing to do/);
      await user.click(screen.getByRole('button', { name: 'Undo' }));
      await screen.findByText('2 messages are as they were');
      expect(classified.slice(2)).toEqual([[30, null], [29, null]]);
      expect(await line('Said 30')).not.toHaveAccessibleName(/Nothing to do/);
    });

    it('adds them to a task that there is, and takes them out again', async () => {
      const moved: [string, unknown][] = [];
      let found: string | null = null;
      server.use(
        http.get('*/api/tasks', ({ request }) => {
          found = new URL(request.url).searchParams.get('q');
          return HttpResponse.json([task({ id: 5, title: 'The till' }), task({ id: 6, title: 'Merged', duplicate_of_id: 5, status: 'cancelled' })]);
        }),
        http.post('*/api/tasks/5/:act', async ({ params, request }) => {
          moved.push([String(params.act), await request.json()]);
          return HttpResponse.json(task({ id: 5, title: 'The till', source_message_ids: params.act === 'attach' ? [29, 30] : [] }));
        }),
      );
      const { user } = renderPath('/messages');
      await box(30);
      await user.keyboard('jx');
      await user.keyboard('{Shift>}j{/Shift}');
      expect(await screen.findByRole('toolbar')).toHaveTextContent('2 chosen');
      await user.keyboard('m');
      await user.type(await screen.findByRole('textbox', { name: "A task's words or number" }), 'till');
      await waitFor(() => expect(found).toBe('till'));
      await screen.findByRole('button', { name: 'Add to The till' });
      await user.keyboard('{Enter}');
      await screen.findByText('2 messages added to task 5');
      expect(screen.queryByRole('button', { name: 'Add to Merged' })).not.toBeInTheDocument();
      expect(moved).toEqual([['attach', { message_ids: [30, 29] }]]);
      await waitFor(() => expect(inList('Said 30')).toHaveAccessibleName(/Task 5/));
      await waitFor(() => expect(screen.queryByRole('toolbar')).not.toBeInTheDocument());
      await user.click(await screen.findByRole('button', { name: 'Undo' }));
      await screen.findByText('2 messages are as they were');
      expect(moved[1]).toEqual(['detach', { message_ids: [30, 29] }]);
      await waitFor(() => expect(inList('Said 30')).not.toHaveAccessibleName(/Task 5/));
    });

    it('makes one task of all, offers no second one of what leads to a task, and takes it back whole', async () => {
      stored[3] = { ...(stored[3] as Message), task_id: 9 };
      let sent: TaskCreate | undefined;
      const after: string[] = [];
      server.use(
        http.post('*/api/tasks', async ({ request }) => {
          sent = (await request.json()) as TaskCreate;
          return HttpResponse.json(task({ id: 7, title: sent.title }), { status: 201 });
        }),
        http.post('*/api/tasks/7/detach', () => (after.push('detach'), HttpResponse.json(task({ id: 7 })))),
        http.put('*/api/tasks/7/status', () => (after.push('cancel'), HttpResponse.json({ message: 'Task status updated', task_id: 7, status: 'cancelled', task: task({ id: 7, status: 'cancelled' }) }))),
      );
      const { user } = renderPath('/messages');
      await box(30);
      await user.keyboard('{Control>}a{/Control}');
      const bar = await screen.findByRole('toolbar');
      expect(bar).toHaveTextContent('4 chosen');
      expect(within(bar).getByText('1 of them leads to a task already.')).toBeInTheDocument();
      expect(within(bar).getByRole('button', { name: 'Make one task' })).toBeDisabled();
      await user.click(await box(27));
      await user.keyboard('t');
      await user.click(await screen.findByRole('button', { name: 'Create the task' }));
      await screen.findByText('Task 7 created');
      expect(sent).toMatchObject({ title: 'Said 28', source_message_ids: [28, 29, 30] });
      await user.click(await screen.findByRole('button', { name: 'Undo' }));
      await screen.findByText('Task 7 is cancelled, its messages are free again');
      expect(after).toEqual(['detach', 'cancel']);
      expect(classified).toEqual([[28, null]]);
    });

    it('lets go of the choice with Escape, after the message', async () => {
      const { user } = renderPath('/messages');
      await box(30);
      await user.keyboard('jx');
      await screen.findByRole('toolbar');
      await user.keyboard('{Escape}');
      await waitFor(() => expect(screen.queryByRole('article')).not.toBeInTheDocument());
      expect(screen.getByRole('toolbar')).toBeInTheDocument();
      await user.keyboard('{Escape}');
      await waitFor(() => expect(screen.queryByRole('toolbar')).not.toBeInTheDocument());
    });

    it('gives the focus back to the list once the bar is gone', async () => {
      const { user } = renderPath('/messages');
      await user.click(await box(30));
      await user.click(await screen.findByRole('button', { name: 'Clear the choice' }));
      await waitFor(() => expect(document.activeElement).toHaveAttribute('data-line'));
    });

    it('gives the focus back to the line after a layer that a key opened', async () => {
      const { user } = renderPath('/messages');
      await box(30);
      await user.keyboard('j');
      await waitFor(() => expect(document.activeElement?.closest('[data-index]')).toHaveAttribute('data-index', '0'));
      for (const keys of ['?', 'm']) {
        server.use(http.get('*/api/tasks', () => HttpResponse.json([])));
        await user.keyboard(keys);
        await screen.findByRole('dialog');
        await user.keyboard('{Escape}');
        await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument());
        await waitFor(() => expect(document.activeElement?.closest('[data-index]')).toHaveAttribute('data-index', '0'));
      }
    });
  });
});
