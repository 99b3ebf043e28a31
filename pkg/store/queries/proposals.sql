-- name: ProposalsOfConversations :many
SELECT * FROM proposals WHERE conversation_id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY id FOR NO KEY UPDATE;

-- name: UpsertProposal :one
-- Of a conversation: a new one, or what it says now. A decision stays.
INSERT INTO proposals AS p (conversation_id, title, description, category, priority, confidence, reason, quote, provider, model, source, assignee, due_at)
VALUES (sqlc.arg(conversation_id)::bigint, sqlc.arg(title), sqlc.arg(description), sqlc.arg(category), sqlc.arg(priority), sqlc.arg(confidence), sqlc.arg(reason),
        sqlc.arg(quote), sqlc.arg(provider), sqlc.arg(model), sqlc.arg(source), sqlc.narg(assignee), sqlc.narg(due_at))
ON CONFLICT (conversation_id) DO UPDATE SET
    title = excluded.title, description = excluded.description, category = excluded.category, priority = excluded.priority,
    confidence = excluded.confidence, reason = excluded.reason, quote = excluded.quote, provider = excluded.provider, model = excluded.model,
    assignee = excluded.assignee, due_at = excluded.due_at, updated_at = now(),
    status = CASE WHEN p.status = 'withdrawn' THEN 'pending' ELSE p.status END,
    decided_at = CASE WHEN p.status = 'withdrawn' THEN NULL ELSE p.decided_at END,
    decided_by = CASE WHEN p.status = 'withdrawn' THEN '' ELSE p.decided_by END,
    comment = CASE WHEN p.status = 'withdrawn' THEN '' ELSE p.comment END
RETURNING p.*;

-- name: SettleProposals :many
-- By the machine: of those that wait.
UPDATE proposals p SET status = w.status, task_id = nullif(w.task_id, 0), decided_at = now(), decided_by = 'ai', comment = w.comment,
    snoozed_until = NULL, previous = NULL, updated_at = now()
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(statuses)::text[]) AS status,
             unnest(sqlc.arg(task_ids)::bigint[]) AS task_id, unnest(sqlc.arg(comments)::text[]) AS comment) AS w
WHERE p.id = w.id AND p.status IN ('pending', 'snoozed')
RETURNING p.*;

-- name: WakeProposals :many
UPDATE proposals SET status = 'pending', snoozed_until = NULL, previous = NULL, decided_at = NULL, decided_by = '', updated_at = now()
WHERE id = ANY (ARRAY(SELECT p.id FROM proposals p WHERE p.status = 'snoozed' AND p.snoozed_until <= now() ORDER BY p.id LIMIT 100 FOR UPDATE SKIP LOCKED))
RETURNING *;

-- name: ProposalMessages :many
SELECT p.id AS proposal_id, c.message_id
FROM proposals p
JOIN conversation_messages c ON c.conversation_id = p.conversation_id
WHERE p.id = ANY (sqlc.arg(ids)::bigint[])
ORDER BY p.id, c.sent_at, c.position, c.message_id;

-- name: GetProposal :one
SELECT * FROM proposals WHERE id = sqlc.arg(id);

-- name: LockProposal :one
SELECT * FROM proposals WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: ListProposals :many
SELECT * FROM proposals p
WHERE (sqlc.narg(status)::text IS NULL OR p.status = sqlc.narg(status)::text)
  AND (sqlc.narg(before_at)::timestamptz IS NULL OR (p.created_at, p.id) < (sqlc.narg(before_at)::timestamptz, sqlc.narg(before_id)::bigint))
ORDER BY p.created_at DESC, p.id DESC
LIMIT sqlc.arg(max_rows)::bigint;

-- name: WriteProposal :one
UPDATE proposals SET status = sqlc.arg(status), title = sqlc.arg(title), description = sqlc.arg(description), category = sqlc.arg(category),
    priority = sqlc.arg(priority), assignee = sqlc.narg(assignee), due_at = sqlc.narg(due_at), decided_at = sqlc.narg(decided_at),
    decided_by = sqlc.arg(decided_by), reject_reason = sqlc.arg(reject_reason), comment = sqlc.arg(comment),
    snoozed_until = sqlc.narg(snoozed_until), task_id = sqlc.narg(task_id), previous = sqlc.narg(previous), updated_at = now()
WHERE id = sqlc.arg(id)
RETURNING *;

-- name: UnlinkMessages :many
DELETE FROM task_messages WHERE task_id = sqlc.arg(task_id) AND message_id = ANY (sqlc.arg(message_ids)::bigint[]) RETURNING message_id;

-- name: ReopenSettledProposals :many
-- Those that the machine settled because their messages led to a task: they wait again.
UPDATE proposals SET status = 'pending', task_id = NULL, decided_at = NULL, decided_by = '', comment = '', updated_at = now()
WHERE conversation_id = ANY (sqlc.arg(conversation_ids)::bigint[]) AND task_id = sqlc.arg(task_id)::bigint AND status = 'merged' AND decided_by = 'ai'
RETURNING *;

-- name: UnlinkConversation :exec
DELETE FROM conversation_tasks WHERE conversation_id = sqlc.arg(conversation_id) AND task_id = sqlc.arg(task_id);

-- name: ChangedByPeople :one
-- Whether people have changed a task since it was made.
SELECT EXISTS (SELECT FROM task_history WHERE task_id = sqlc.arg(task_id) AND actor_kind = 'user' AND field <> 'created');
