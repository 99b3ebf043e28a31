import type { Message, MessageDetail, Stats, Task, TaskHistoryEntry, TaskLink } from '@/lib/api';

let next = 1000;

/** Rows as the API answers, valid by default. */
export function message(fields: Partial<Message> = {}): Message {
  const id = fields.id ?? next++;
  return {
    id,
    external_message_id: String(fields.external_message_id ?? id),
    content: `Message ${id}`,
    author: 'Олена Ковтун',
    sent_at: '2026-03-02T09:15:00Z',
    source_name: 'telegram',
    analyzed: false,
    avatar_url: null,
    persisted: id !== 0,
    chat_id: '-1002988379206',
    chat_name: 'Каса · розробка',
    thread_id: null,
    reply_to_external_id: null,
    edited_at: null,
    classification: null,
    task_id: null,
    media_group_id: null,
    ...fields,
  };
}

export function messageDetail(fields: Partial<MessageDetail> = {}): MessageDetail {
  return { ...message(fields), raw: null, edits: [], entities: [], reply_to: null, replies: [], ...fields };
}

export function task(fields: Partial<Task> = {}): Task {
  const id = fields.id ?? next++;
  return {
    id,
    title: `Task ${id}`,
    description: '',
    category: 'bug',
    priority: 'medium',
    source: 'telegram',
    created_at: '2026-03-02T09:15:00Z',
    updated_at: '2026-03-02T09:15:00Z',
    status: 'open',
    ai_generated: false,
    confidence: null,
    assignee: null,
    due_at: null,
    labels: [],
    source_message_ids: [],
    duplicate_of_id: null,
    open_links: 0, unconfirmed: [],
    chat_id: null, chat_name: null,
    ...fields,
  };
}

export function taskLink(fields: Partial<TaskLink> = {}): TaskLink {
  const id = fields.id ?? next++;
  return {
    id, status: 'open', task_id: 1, task_title: 'Task 1', task_status: 'open', kept_task_id: fields.task_id ?? 1, other_task_id: 2, proposal_id: null, other_title: 'Task 2', other_status: 'open',
    score: 0.68, reason: 'Both say: export, pdf.', shared: ['export', 'pdf'], created_by: 'ai', created_at: '2026-03-02T09:15:00Z', decided_by: '', decided_at: null, undoable: false, ...fields,
  };
}

export function historyEntry(fields: Partial<TaskHistoryEntry> = {}): TaskHistoryEntry {
  return { id: next++, at: '2026-03-02T09:15:00Z', field: 'created', from: null, to: null, actor: 'api', actor_kind: 'user', ...fields };
}

export function stats(byStatus: Partial<Stats['by_status']> = {}): Stats {
  const by_status = { open: 0, pending: 0, in_progress: 0, completed: 0, cancelled: 0, ...byStatus };
  const total = Object.values(by_status).reduce((a, b) => a + b, 0);
  const headline = { total, pending: by_status.open + by_status.pending, in_progress: by_status.in_progress, completed: by_status.completed, cancelled: by_status.cancelled };
  return {
    total_tasks: total,
    open_tasks: headline.pending,
    completed_tasks: by_status.completed,
    categories: {},
    priorities: {},
    ...headline,
    byPriority: { low: 0, medium: 0, high: 0, critical: 0, urgent: 0 },
    by_status,
    trend: { ...headline },
  } as Stats;
}
