import { describe, expect, it } from 'vitest';

import type { Message, Task } from '../api/client';
import { apply, SHOWN, withMessage, withTask, type Feed } from './feed';

const message = (over: Partial<Message> = {}): Message => ({
  id: 0,
  external_message_id: '4817',
  content: 'Receipt lost',
  author: 'Olena',
  sent_at: '2026-11-16T10:12:00Z',
  source_name: 'telegram',
  analyzed: false,
  avatar_url: null,
  persisted: false,
  chat_id: '-1002988379206',
  chat_name: null,
  thread_id: null,
  reply_to_external_id: null,
  edited_at: null,
  classification: null,
  task_id: null,
  ...over,
});

const task = (over: Partial<Task> = {}): Task => ({
  id: 1,
  title: 'Find the receipt',
  description: '',
  category: 'bug',
  priority: 'high',
  source: 'telegram',
  status: 'open',
  created_at: '2026-11-16T10:12:00Z',
  updated_at: '2026-11-16T10:12:00Z',
  ai_generated: false,
  confidence: null,
  assignee: null,
  due_at: null,
  labels: [],
  source_message_ids: [],
  ...over,
});

const empty: Feed = { messages: [], tasks: [] };

describe('feed', () => {
  it('confirms a message in place once it is persisted', () => {
    const arrived = withMessage(empty, message());
    const confirmed = withMessage(arrived, message({ id: 7, persisted: true }));
    expect(confirmed.messages.map((m) => [m.id, m.persisted])).toEqual([[7, true]]);
  });

  it('keeps the persisted one where message.new comes late', () => {
    const confirmed = withMessage(empty, message({ id: 7, persisted: true }));
    expect(withMessage(confirmed, message())).toBe(confirmed);
  });

  it('does not let a loaded older version replace an edit', () => {
    const edited = withMessage(empty, message({ persisted: true, content: 'new', edited_at: '2026-11-16T10:13:00Z' }));
    expect(withMessage(edited, message({ persisted: true, content: 'old' }))).toBe(edited);
  });

  it('keeps messages of one id in two chats apart', () => {
    const both = withMessage(withMessage(empty, message()), message({ chat_id: '-1' }));
    expect(both.messages).toHaveLength(2);
  });

  it('shows the newest first and bounds what it keeps', () => {
    let feed = empty;
    for (let i = 0; i <= SHOWN; i++) {
      const sent = new Date(Date.UTC(2026, 10, 16, 10, 0, i)).toISOString();
      feed = withMessage(feed, message({ external_message_id: String(i), sent_at: sent }));
    }
    expect(feed.messages).toHaveLength(SHOWN);
    expect(feed.messages[0]?.external_message_id).toBe(String(SHOWN));
  });

  it('applies task frames, the newer update winning', () => {
    const done = task({ status: 'completed', updated_at: '2026-11-16T11:00:00Z' });
    const feed = apply(withTask(empty, task()), { type: 'task_updated', seq: 2, ts: '', data: { ...done, changed: ['status'] } });
    expect(feed.tasks[0]?.status).toBe('completed');
    expect(withTask(feed, task())).toBe(feed);
  });

  it('leaves the feed as it is for frames that are not about it', () => {
    expect(apply(empty, { type: 'error', seq: 1, ts: '', data: { message: 'no' } })).toBe(empty);
  });
});
