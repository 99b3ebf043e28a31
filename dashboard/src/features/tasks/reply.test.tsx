import { screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, expect, it } from 'vitest';

import type { TaskHistoryEntry } from '@/lib/api';
import { historyEntry, messageDetail, stats, task } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

let token: string;
let history: TaskHistoryEntry[];
let said: unknown[];
let refusal: object | null;

/** Says it as the API does, and remembers it; or refuses. */
beforeEach(() => {
  [token, history, said, refusal] = ['7204418893...[truncated]', [], [], null];
  const about = task({ id: 3, title: 'Find the receipt', status: 'completed', source_message_ids: [70] });
  server.use(
    http.get('*/api/tasks/:id', () => HttpResponse.json(about)),
    http.get('*/api/tasks/:id/history', () => HttpResponse.json(history)),
    http.get('*/api/tasks/:id/links', () => HttpResponse.json([])),
    http.get('*/api/messages/70', () => HttpResponse.json(messageDetail({ id: 70, chat_name: 'Каса', content: 'The receipt is gone' }))),
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.get('*/api/settings', () => HttpResponse.json({ telegram: { bot_token: token, webhook_base_url: '' }, updated_at: null })),
    http.post('*/api/tasks/:id/replies', async ({ request }) => {
      const body = (await request.json()) as { text: string };
      said.push(body);
      if (refusal) return HttpResponse.json({ success: false, message: 'The answer was not sent', ...refusal });
      history = [historyEntry({ id: 9, field: 'reply', from: null, to: body.text })];
      return HttpResponse.json({ success: true, message: 'The answer is in the chat' });
    }),
  );
});

async function open() {
  const shown = renderPath('/tasks/3');
  await shown.user.click(await screen.findByRole('button', { name: 'Answer in the chat' }));
  return { ...shown, field: await screen.findByRole('textbox', { name: 'Answer in the chat' }), send: screen.getByRole('button', { name: 'Send' }) };
}

it('says in the chat what stands in the field, and the history tells it', async () => {
  const { user, field, send } = await open();
  expect(field).toHaveValue('Done: Find the receipt (task 3)');
  expect(field).toHaveAccessibleDescription(/exactly this in “Каса”/);
  await user.type(field, '. Thanks!');
  await user.click(send);
  await screen.findByText('The answer is in the chat');
  expect(said).toEqual([{ message_id: 70, text: 'Done: Find the receipt (task 3). Thanks!' }]);
  const list = screen.getByRole('region', { name: 'History' });
  await within(list).findByText('Done: Find the receipt (task 3). Thanks!');
  expect(list).toHaveTextContent('answered in the chat:');
  await waitFor(() => expect(screen.getByRole('button', { name: 'Answer in the chat' })).toHaveFocus());
});

it('keeps what was typed where Telegram refuses, and says what to do', async () => {
  refusal = { error: 'Bad Request: TOPIC_CLOSED', fix: 'Let the bot write.', cause_code: 'chat_closed', cause_detail: 'Bad Request: TOPIC_CLOSED' };
  const { user, field } = await open();
  await user.type(field, '!{Control>}{Enter}{/Control}');
  await waitFor(() => expect(field).toHaveAccessibleDescription(/TOPIC_CLOSED.*open the topic again/));
  expect(field).toHaveValue('Done: Find the receipt (task 3)!');
  expect(said).toHaveLength(1);
});

it('needs a bot', async () => {
  token = '';
  const { user, field, send } = await open();
  await waitFor(() => expect(send).toBeDisabled());
  expect(screen.getByRole('link', { name: 'Connect a bot' })).toHaveAttribute('href', '/settings');
  await user.type(field, '{Control>}{Enter}{/Control}');
  expect(said).toEqual([]);
});
