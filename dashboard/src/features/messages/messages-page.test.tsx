import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

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
});
