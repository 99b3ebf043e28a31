import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { AIAdapters, AISettings } from '@/data/ai';
import '@/features/settings/settings-page'; // before a test waits for it
import { FakeSocket } from '@/testing/fake-socket';
import { stats } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

const environment: AISettings = {
  provider: 'local', base_url: 'https://api.openai.com/v1', model: '', has_api_key: true, api_key_hint: 'wxyz', local_fallback: true, autonomy: 'live', task_threshold: 0.8, proposal_threshold: 0.5, duplicate_sure_threshold: 0.8, duplicate_likely_threshold: 0.5, quiet_seconds: 20,
  mask_names: true, mask_phones: true, mask_emails: true, token_budget_per_day: 2000000, source: 'environment', updated_at: null,
};
const learnt: AIAdapters = {
  active_id: 2, base: 'a540eb07', new_corrections: 3,
  items: [{ id: 2, active: true, adopted: true, fits: true, learnt: 80, held_back: 20, before: { right: 12, loss: 0.8 }, after: { right: 17, loss: 0.4 }, created_at: '2026-03-01T10:00:00Z' }],
};
let settings: AISettings;
let asked: unknown[];

beforeEach(() => {
  settings = environment;
  asked = [];
  server.use(
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.get('*/api/proposals', () => HttpResponse.json([])),
    http.get('*/api/ai/settings', () => HttpResponse.json(settings)),
    http.get('*/api/ai/providers', () =>
      HttpResponse.json([
        { id: 'local', name: 'Built in', configured: true, active: true, state: 'ready', detail: null, detail_clauses: [], model: 'linear', version: '3', tokens_today: 0, budget: null },
        { id: 'openai', name: 'Server', configured: true, active: false, state: 'over_budget', detail: 'The token budget of the day is spent.', detail_clauses: [{ code: 'model_budget', values: {} }], model: 'llama', version: '1', tokens_today: 2000000, budget: 2000000 },
      ]),
    ),
    http.get('*/api/ai/adapters', () => HttpResponse.json(learnt)),
    http.put('*/api/ai/adapters/active', async ({ request }) => {
      const { id } = (await request.json()) as { id: number | null };
      asked.push({ id });
      return HttpResponse.json({ ...learnt, active_id: id, items: learnt.items.map((item) => ({ ...item, active: item.id === id })) });
    }),
    http.put('*/api/ai/settings', async ({ request }) => {
      const change = (await request.json()) as Partial<AISettings>;
      asked.push(change);
      settings = { ...settings, ...change, source: 'stored', updated_at: new Date().toISOString() };
      return HttpResponse.json(settings);
    }),
  );
});

const form = async (name: string) => within(await screen.findByRole('form', { name }));

describe('who judges', { timeout: 90_000 }, () => {
  it('is changed part by part, each with a marker until it is saved, and reset to the environment', async () => {
    const { user } = renderPath('/settings/ai');
    const judge = await form('Who judges');
    expect(judge.getByRole('button', { name: 'Save' })).toBeDisabled();
    await user.click(judge.getByRole('radio', { name: /Model server/ }));
    expect(screen.getByText('not saved')).toBeVisible();
    expect(judge.getByRole('list')).toHaveTextContent('the model server');
    const thresholds = await form('Thresholds');
    await user.clear(thresholds.getByLabelText('Task from'));
    await user.type(thresholds.getByLabelText('Task from'), '0.9{Enter}');
    await waitFor(() => expect(asked).toEqual([{ task_threshold: 0.9 }]));
    expect(judge.getByRole('radio', { name: /Model server/ })).toBeChecked(); // what was typed elsewhere stays
    await user.click(judge.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(asked[1]).toEqual({ provider: 'openai' }));
    server.use(http.delete('*/api/ai/settings', () => HttpResponse.json((settings = environment))));
    await user.click(await screen.findByRole('button', { name: 'Back to the environment' }));
    expect(await screen.findByText(/These are the settings of the environment/)).toBeVisible();
  });

  it('says what the machine may do by itself', async () => {
    const { user } = renderPath('/settings/ai');
    const part = await form('What it may do by itself');
    expect(part.getByRole('radio', { name: /Live/ })).toBeChecked();
    await user.click(part.getByRole('radio', { name: /Shadow/ }));
    await user.click(part.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(asked).toEqual([{ autonomy: 'shadow' }]));
  });

  it('keeps what was typed over going elsewhere and coming back, but a key nowhere', async () => {
    const { user, router } = renderPath('/settings/ai');
    const part = await form('Model server');
    await user.type(part.getByLabelText('Model'), 'qwen');
    await user.type(part.getByLabelText('API key'), 'sk-secret');
    await user.type(screen.getByLabelText('Sample'), 'The shop is down');
    expect(Object.values(sessionStorage).join()).not.toContain('sk-secret');
    await act(() => router.navigate('/settings/appearance'));
    await act(() => router.navigate('/settings/ai'));
    const again = await form('Model server');
    expect(again.getByLabelText('Model')).toHaveValue('qwen');
    expect(again.getByLabelText('API key')).toHaveValue('');
    expect(screen.getByLabelText('Sample')).toHaveValue('The shop is down');
    expect(screen.getByText('not saved')).toBeVisible();
    await user.click(again.getByRole('button', { name: 'Discard' }));
    await act(() => router.navigate('/settings/appearance'));
    await act(() => router.navigate('/settings/ai'));
    expect((await form('Model server')).getByLabelText('Model')).toHaveValue('');
  });

  it('shows what the server says at the field, and keeps what was typed', async () => {
    server.use(http.put('*/api/ai/settings', () => HttpResponse.json({ detail: [{ loc: ['body', 'api_key'], msg: 'has to be entered again for another server', type: 'value' }] }, { status: 422 })));
    const { user } = renderPath('/settings/ai');
    const part = await form('Model server');
    const address = part.getByLabelText('Address');
    await user.clear(address);
    await user.type(address, 'http://localhost:11434/v1{Enter}');
    expect(await part.findByText('has to be entered again for another server')).toBeVisible();
    expect(part.getByLabelText('API key')).toHaveAttribute('aria-invalid', 'true');
    expect(address).toHaveValue('http://localhost:11434/v1');
    await user.click(part.getByRole('button', { name: 'Discard' }));
    expect(address).toHaveValue(environment.base_url);
  });

  it('takes a model from the list of the server and a key that is never shown', async () => {
    server.use(http.get('*/api/ai/models', () => HttpResponse.json({ models: ['llama', 'qwen'] })));
    const { user } = renderPath('/settings/ai');
    const part = await form('Model server');
    expect(part.getByLabelText('API key')).toHaveValue('');
    expect(part.getByLabelText('API key')).toHaveAttribute('placeholder', 'stored, ends in wxyz');
    await user.click(part.getByRole('button', { name: 'Ask the server for its models' }));
    await user.click(await part.findByRole('button', { name: 'qwen' }));
    await user.type(part.getByLabelText('API key'), 'sk-new');
    await user.click(part.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(asked).toEqual([{ model: 'qwen', api_key: 'sk-new' }]));
    await waitFor(() => expect(part.getByLabelText('API key')).toHaveValue(''));
    await user.click(part.getByRole('button', { name: 'Use no key' }));
    await user.click(part.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(asked[1]).toEqual({ api_key: null }));
  });

  it('is tried with a sample: verdict, time and tokens, or what is wrong', async () => {
    server.use(
      http.post('*/api/ai/providers/local/test', async ({ request }) => {
        asked.push(await request.json());
        return HttpResponse.json({ ok: true, milliseconds: 0.4, model: 'linear', prompt_tokens: 0, completion_tokens: 0, cost: null, detail: null, detail_clauses: [], result: { is_issue: true, category: 'bug', priority: 'high', confidence: 0.93, quote: 'is down', reason: 'It reads like a bug.', reason_clauses: [] } });
      }),
      http.post('*/api/ai/providers/openai/test', () => HttpResponse.json({ ok: false, milliseconds: 12, model: 'llama', prompt_tokens: 0, completion_tokens: 0, cost: null, detail: 'The model server refuses the key.', detail_clauses: [], result: null })),
    );
    const { user } = renderPath('/settings/ai');
    await user.type(await screen.findByLabelText('Sample'), 'The shop is down');
    await user.click(screen.getByRole('button', { name: 'Ask the built-in classifier' }));
    expect(await screen.findByText('93% sure')).toBeVisible();
    expect(screen.getByText('is down')).toBeVisible();
    expect(asked).toEqual([{ text: 'The shop is down' }]);
    await user.click(screen.getByRole('button', { name: 'Ask the model server' }));
    expect(await screen.findByText('The model server refuses the key.')).toBeVisible();
  });

  it('tells how the providers do, and changes nothing without a connection', async () => {
    const { user } = renderPath('/settings/ai');
    expect(await screen.findByText('over budget')).toBeVisible();
    expect(screen.getByText('2,000,000 of 2,000,000 tokens today (100%)')).toBeVisible();
    const budget = await form('Budget');
    act(() => FakeSocket.last.drop());
    await user.clear(budget.getByLabelText('Tokens a day (UTC)'));
    await user.type(budget.getByLabelText('Tokens a day (UTC)'), '0{Enter}'); // a request would fail the test
    await waitFor(() => expect(budget.getByRole('button', { name: 'Save' })).toHaveAttribute('aria-disabled', 'true'));
    expect(asked).toEqual([]);
  });

  it('shows what was learnt and what it is worth, and goes back to the shipped weights', async () => {
    const { user } = renderPath('/settings/ai');
    await screen.findByText(/right on 17 of 20 held back, before 12/);
    expect(screen.getByText(/3 corrections wait/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Use as shipped' }));
    expect(await screen.findByRole('button', { name: 'Use version 2' })).toBeVisible();
    expect(asked).toEqual([{ id: null }]);
  });
});
