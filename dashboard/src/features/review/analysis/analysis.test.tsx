import { act, screen, waitFor, within } from '@testing-library/react';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it } from 'vitest';

import type { AnalysisRun, AnalysisSummary } from '@/data/analysis';
import { isoDay } from '@/lib/format';
import '@/features/review/review-page'; // before a test waits for it
import { FakeSocket } from '@/testing/fake-socket';
import { message, stats } from '@/testing/factory';
import { renderPath } from '@/testing/render';
import { server } from '@/testing/server';

import { previousOf } from './compare';
import { markdownOf } from './markdown';
import { parseDays, spanOf } from './span';

const summary = (more: Partial<AnalysisSummary> = {}): AnalysisSummary => ({
  what_happened: [], blockers: [], questions: [], closed_tasks: [],
  decisions: [{ text: 'The release moves to Monday.', author: null, sent_at: '2026-03-02T09:00:00Z', due_at: null, quotes: [{ message_id: 7, quote: 'we move the release' }, { message_id: 9, quote: 'ok, Monday' }] }],
  promises: [{ text: "I'll fix the gateway by Friday.", author: 'Ivan', sent_at: '2026-03-02T10:00:00Z', due_at: '2026-03-06T18:00:00Z', quotes: [{ message_id: 8, quote: "I'll fix the gateway by Friday." }] }],
  new_tasks: [{ id: 5, title: 'Gateway', status: 'open', category: 'bug', priority: 'high' }],
  counts: { messages: 120, authors: 4, chats: 2, issues: {} }, provider: 'openai', model: 'llama', fallback: null, fallback_clauses: [], tokens: 900, language: 'en', ...more,
});

const run = (id: number, more: Partial<AnalysisRun> = {}): AnalysisRun => ({
  id, status: 'completed', stage: 'done', from: '2026-03-01T22:00:00Z', to: '2026-03-02T22:00:00Z', chats: null, progress: 100, messages: 120, processed: 120, created_at: '2026-03-02T10:00:00Z',
  started_at: null, finished_at: null, requested_by: 'user', error: null, error_clauses: [], summary: summary(), posts: [], detail: '', ...more,
});

let runs: AnalysisRun[];
let asked: unknown[];

beforeEach(() => {
  runs = [];
  asked = [];
  server.use(
    http.get('*/api/stats', () => HttpResponse.json(stats())),
    http.get('*/api/proposals', () => HttpResponse.json([])),
    http.get('*/api/webhook-settings', () => HttpResponse.json({ telegram: null, default_protocol: 'https', default_host: 'x' })),
    http.get('*/api/messages', () => HttpResponse.json([message({ chat_id: '-5', chat_name: 'Shop' })])),
    http.get('*/api/analysis-schedule', () => HttpResponse.json({ expression: '0 18 * * *', time_zone: 'UTC', next_at: '2030-01-02T18:00:00Z', post_to: [] })),
    http.get('*/api/analysis-runs', () => HttpResponse.json(runs)),
    http.get('*/api/analysis-runs/:id', ({ params }) => {
      const found = runs.find(({ id }) => id === Number(params.id));
      return found ? HttpResponse.json(found) : HttpResponse.json({ detail: 'Analysis run not found' }, { status: 404 });
    }),
    http.post('*/api/analysis-runs', async ({ request }) => {
      const body = (await request.json()) as { from: string; to: string; chats: string[] | null };
      asked.push(body);
      const made = run(100 + asked.length, { ...body, status: 'queued', stage: 'waiting', progress: 0, messages: 0, processed: 0, summary: null });
      runs = [made, ...runs];
      return HttpResponse.json(made, { status: 202 });
    }),
    http.post('*/api/analysis-runs/:id/cancel', ({ params }) => {
      const id = Number(params.id);
      runs = runs.map((each) => (each.id === id ? { ...each, status: 'cancelled' as const } : each));
      return HttpResponse.json(runs.find((each) => each.id === id));
    }),
  );
});

const frame = (id: number, stage: 'reading' | 'summarizing' | 'done', more: object = {}) =>
  ({ type: 'analysis_progress', seq: 5, data: { date: '2026-03-02', run_id: id, status: stage === 'done' ? 'completed' : 'running', stage, processed: 60, total: 120, ...more } }) as const;

describe('an analysis', { timeout: 90_000 }, () => {
  it('is asked for with days and groups, told live and read in parts that lead to their messages', async () => {
    const { user, router } = renderPath('/review?view=analysis');
    expect(await screen.findByText('No run yet')).toBeVisible();
    expect(await screen.findByText(/Next run by schedule/)).toHaveTextContent('0 18 * * *');
    await user.click(screen.getByRole('button', { name: /^Groups/ }));
    await user.click(await screen.findByRole('checkbox', { name: 'Shop' }));
    await user.keyboard('{Escape}');
    await user.click(screen.getByRole('button', { name: 'Analyse' }));
    await waitFor(() => expect(asked).toHaveLength(1));
    const today = isoDay(new Date());
    expect(asked[0]).toEqual({ ...spanOf({ from: today, to: today }), chats: ['-5'] });
    await waitFor(() => expect(router.state.location.search).toContain('run=101'));
    const stages = await screen.findByRole('list', { name: 'Stages of the run' });
    act(() => FakeSocket.last.send(frame(101, 'reading')));
    await waitFor(() => expect(stages).toHaveTextContent('60 of 120'));
    act(() => FakeSocket.last.send(frame(101, 'summarizing', { processed: 120, step: 1, steps: 3 })));
    await waitFor(() => expect(stages).toHaveTextContent('portion 1 of 3'));
    runs = [run(101)];
    act(() => FakeSocket.last.send(frame(101, 'done', { processed: 120 })));
    const decisions = await screen.findByRole('region', { name: 'Decisions' });
    expect(decisions).toHaveTextContent('The release moves to Monday.');
    expect(within(decisions).getByRole('link', { name: /ok, Monday/ })).toHaveAttribute('href', '/messages?id=9');
    expect(screen.getByRole('region', { name: 'Promises' })).toHaveTextContent(/by 6 Mar/);
    expect(screen.getByRole('link', { name: 'Gateway' })).toHaveAttribute('href', '/tasks/5');
    expect(screen.getByText('written by llama')).toBeVisible();
  });

  it('is cancelled, and run again beside its old result, which it is compared with', async () => {
    const before = run(3, { summary: summary({ counts: { messages: 100, authors: 4, chats: 2, issues: {} }, promises: [] }) });
    runs = [run(4), before];
    const { user, router } = renderPath('/review?view=analysis&run=4');
    expect(await screen.findByText(/Against run 3 over the same time/)).toBeVisible();
    expect(screen.getByText(/messages \+20/)).toBeVisible();
    expect(within(screen.getByRole('region', { name: 'Promises' })).getByText('new')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Run again' }));
    await waitFor(() => expect(router.state.location.search).toContain('run=101'));
    expect(asked[0]).toEqual({ from: before.from, to: before.to, chats: null });
    await user.click(await screen.findByRole('button', { name: 'Cancel' }));
    expect(await screen.findByText('Nothing was kept of it.', { exact: false })).toBeVisible();
    expect(screen.getByRole('link', { name: /#4/ })).toBeVisible();
  });

  it('says where it failed, that a model did not write, that nothing was said, that there is no such run', async () => {
    runs = [
      run(6, { status: 'failed', stage: 'reading', summary: null, error: 'It did not get on in 5 attempts.' }),
      run(5, { summary: summary({ provider: 'local', model: null, fallback: 'The token budget of the day is spent.' }) }),
      run(4, { summary: null, messages: 0, processed: 0 }),
    ];
    const { user } = renderPath('/review?view=analysis');
    expect(await screen.findByText('It failed while reading messages')).toBeVisible();
    expect(screen.getByText('It did not get on in 5 attempts.')).toBeVisible();
    await user.click(screen.getByRole('link', { name: /#5/ }));
    expect(await screen.findByText('The token budget of the day is spent.')).toBeVisible();
    await user.click(screen.getByRole('link', { name: /#4/ }));
    expect(await screen.findByText('Nothing to analyse')).toBeVisible();
  });

  it('that is not there is said', async () => {
    renderPath('/review?view=analysis&run=77');
    expect(await screen.findByText('There is no run 77')).toBeVisible();
  });

  it('is posted to a group, exactly as it is shown, and the run tells where', async () => {
    runs = [run(4)];
    const sent: unknown[] = [];
    const answers = [{ success: false, message: 'The summary was not posted', error: 'x', fix: 'y', cause_code: 'not_member', cause_detail: 'x' }, { success: true, message: 'The summary is in the chat' }];
    server.use(
      http.get('*/api/settings', () => HttpResponse.json({ telegram: { bot_token: '7204418893...[truncated]', webhook_base_url: '' }, updated_at: null })),
      http.get('*/api/webhook-settings', () =>
        HttpResponse.json({ telegram: { protocol: 'https', host: 'x', webhook_url: 'x', is_active: true, last_set_at: null, groups: [{ id: -5, name: 'Shop' }, { id: -6, name: 'Cellar' }] }, default_protocol: 'https', default_host: 'x' }),
      ),
      http.get('*/api/analysis-runs/4/post', () => HttpResponse.json({ text: 'Summary: 2 Mar 2026', left_out: 3, shortened: 0 })),
      http.post('*/api/analysis-runs/4/posts', async ({ request }) => {
        const body = (await request.json()) as { group_id: number; text: string };
        sent.push(body);
        const answer = answers.shift();
        if (answer?.success) {
          const post = { id: 1, group_id: body.group_id, group_name: 'Cellar', topic_id: null, text: body.text, posted_by: 'user' as const, status: 'sent' as const, posted_at: '2026-03-02T12:00:00Z', error: null, fix: null, cause_code: null, cause_detail: null };
          runs = [run(4, { posts: [post] })];
        }
        return HttpResponse.json(answer);
      }),
    );
    const { user } = renderPath('/review?view=analysis&run=4');
    await user.click(await screen.findByRole('button', { name: 'Post to a chat…' }));
    const dialog = await screen.findByRole('dialog', { name: 'Post run 4 to a chat' });
    const text = await within(dialog).findByRole('textbox', { name: 'Exactly this is sent' });
    expect(text).toHaveValue('Summary: 2 Mar 2026');
    expect(text).toHaveAccessibleDescription(/3 are left out/);
    expect(within(dialog).getByRole('button', { name: 'Choose a group' })).toBeDisabled();
    await user.click(within(dialog).getByRole('combobox', { name: 'Group' }));
    await user.click(await screen.findByRole('option', { name: 'Cellar' }));
    expect(within(dialog).getByText(/what was said in other groups/)).toBeVisible();
    await user.click(within(dialog).getByRole('button', { name: 'Post to “Cellar”' }));
    await waitFor(() => expect(text).toHaveAccessibleDescription(/The bot is not in the chat/));
    await user.type(text, '!');
    await user.click(within(dialog).getByRole('button', { name: 'Post to “Cellar”' }));
    await waitFor(() => expect(dialog).not.toBeInTheDocument());
    expect(sent).toEqual([
      { group_id: -6, topic_id: null, text: 'Summary: 2 Mar 2026' },
      { group_id: -6, topic_id: null, text: 'Summary: 2 Mar 2026!' },
    ]);
    expect(await screen.findByRole('list', { name: 'Posted to chats' })).toHaveTextContent('postedCellar');
    await user.click(screen.getByRole('button', { name: 'Post to a chat…' }));
    await user.click(await screen.findByRole('combobox', { name: 'Group' }));
    await user.click(await screen.findByRole('option', { name: 'Cellar' }));
    expect(await screen.findByText('It was posted to this group already')).toBeVisible();
  });

  it('of the schedule tells where it will be posted by itself, what was, and why not', async () => {
    const post = { id: 1, group_id: -5, group_name: 'Shop', topic_id: null, text: 'Summary: 2 Mar 2026', posted_by: 'schedule' as const, status: 'sent' as const, posted_at: '2026-03-02T12:00:00Z', error: null, fix: null, cause_code: null, cause_detail: null };
    const kicked = { ...post, id: 2, group_id: -6, group_name: 'Cellar', topic_id: '12', status: 'refused' as const, error: 'x', fix: 'y', cause_code: 'not_member', cause_detail: 'x' };
    const interrupted = { ...post, id: 3, group_id: -7, group_name: null, status: 'unconfirmed' as const, error: 'x', fix: 'y', cause_code: 'post_interrupted', cause_detail: null };
    const waiting = { ...post, id: 4, group_id: -8, group_name: 'Attic', status: 'waiting' as const, error: 'x', fix: 'y', cause_code: 'pause', cause_detail: null };
    runs = [run(4, { requested_by: 'schedule', posts: [waiting, interrupted, kicked, post] })];
    const post_to = [
      { group_id: -5, group_name: 'Shop', topic_id: null },
      { group_id: -6, group_name: 'Cellar', topic_id: '12' },
      { group_id: -7, group_name: null, topic_id: null },
    ];
    server.use(http.get('*/api/analysis-schedule', () => HttpResponse.json({ expression: '0 18 * * *', time_zone: 'UTC', next_at: '2030-01-02T18:00:00Z', post_to })));
    renderPath('/review?view=analysis&run=4');
    expect(await screen.findByText(/Next run by schedule/)).toHaveTextContent('Its summary is posted to: Shop, Cellar Topic 12, -7');
    const [later, first, second, third] = within(await screen.findByRole('list', { name: 'Posted to chats' })).getAllByRole('listitem');
    expect(later).toHaveTextContent(/not yet posted.*Attic.*by itself.*It is tried again.*What was to be sent/);
    expect(first).toHaveTextContent(/perhaps posted.*-7.*by itself.*The worker was interrupted.*Look whether it stands in the chat/);
    expect(second).toHaveTextContent(/not posted.*Cellar.*Topic 12.*by itself.*The bot is not in the chat.*Add the bot to the group again.*What was to be sent/);
    expect(third).toHaveTextContent(/^posted.*Shop.*by itself.*What was sent/);
  });

  it('tells how to have its summary posted by itself', async () => {
    renderPath('/review?view=analysis');
    expect(await screen.findByText(/Next run by schedule/)).toHaveTextContent('ANALYSIS_POST_TO');
  });

  it('is refused in the words of the server, and blocked without a connection', async () => {
    server.use(http.post('*/api/analysis-runs', () => HttpResponse.json({ detail: '10 analysis runs wait already' }, { status: 409 })));
    const { user } = renderPath('/review?view=analysis');
    await user.click(await screen.findByRole('button', { name: 'Analyse' }));
    expect(await screen.findByText('10 analysis runs wait already')).toBeVisible();
    act(() => FakeSocket.last.drop());
    await waitFor(() => expect(screen.getByRole('button', { name: 'Analyse' })).toHaveAttribute('aria-disabled', 'true'));
  });
});

describe('what an analysis is about', () => {
  it('is put right where the address is wrong', () => {
    const today = isoDay(new Date());
    expect(parseDays(new URLSearchParams('from=2030-99-01&to=x'))).toEqual({ from: today, to: today });
    expect(parseDays(new URLSearchParams('from=2026-03-05&to=2026-03-01'))).toEqual({ from: '2026-03-01', to: '2026-03-05' });
  });

  it('is compared with the newest earlier run of the same groups and length', () => {
    const all = [run(5), run(4, { chats: ['1'] }), run(3, { summary: null }), run(2, { from: '2026-02-01T00:00:00Z' }), run(1)];
    expect(previousOf(run(5), all)?.id).toBe(1);
  });

  it('is written as Markdown in which chat text is no markup', () => {
    const sections = { what_happened: 'W', decisions: 'Decisions', blockers: 'B', promises: 'P', questions: 'Q', new_tasks: 'New', closed_tasks: 'C' };
    const text = markdownOf(summary({ decisions: [{ text: '# <b>', author: 'A', sent_at: null, due_at: null, quotes: [{ message_id: 7, quote: '*x*' }] }] }), { title: 'T', lines: ['all'], sections, due: () => 'by Friday' }, 'https://t.example');
    expect(text).toContain('## Decisions\n\n- \\# \\<b\\> (A)\n  > \\*x\\* [#7](https://t.example/messages?id=7)');
    expect(text).toContain('**by Friday**');
    expect(text).toContain('- [Gateway](https://t.example/tasks/5)');
  });
});
