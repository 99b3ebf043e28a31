-- name: InsertFeedback :exec
INSERT INTO feedback (kind, message_id, conversation_id, task_id, proposal_id, machine_is_issue, machine_category, machine_priority, machine_confidence,
                      machine_provider, machine_model, is_issue, category, priority, reason, comment, actor, link_id)
VALUES (sqlc.arg(kind), sqlc.narg(message_id), sqlc.narg(conversation_id), sqlc.narg(task_id), sqlc.narg(proposal_id), sqlc.narg(machine_is_issue),
        sqlc.narg(machine_category), sqlc.narg(machine_priority), sqlc.narg(machine_confidence), sqlc.narg(machine_provider), sqlc.narg(machine_model),
        sqlc.narg(is_issue), sqlc.narg(category), sqlc.narg(priority), sqlc.arg(reason), sqlc.arg(comment), sqlc.arg(actor), sqlc.narg(link_id));

-- name: UndoFeedback :exec
-- The newest about a proposal.
UPDATE feedback SET undone_at = now()
WHERE id = (SELECT max(f.id) FROM feedback f WHERE f.proposal_id = sqlc.arg(proposal_id) AND f.undone_at IS NULL);

-- name: UndoMessageFeedback :exec
UPDATE feedback SET undone_at = now()
WHERE message_id = sqlc.arg(message_id) AND kind IN ('accept', 'noise', 'task', 'category', 'priority') AND undone_at IS NULL;

-- name: ListFeedback :many
SELECT * FROM feedback WHERE id < sqlc.arg(before) ORDER BY id DESC LIMIT sqlc.arg(max_rows);

-- name: FeedbackOfMessage :many
-- About the message, its conversation, or what followed from it.
SELECT * FROM feedback f
WHERE f.message_id = sqlc.arg(message_id) OR f.conversation_id = sqlc.narg(conversation_id) OR f.proposal_id = sqlc.narg(proposal_id) OR f.task_id = sqlc.narg(task_id)
ORDER BY f.id DESC LIMIT 50;

-- name: ConversationOfMessage :one
SELECT c.* FROM conversations c JOIN conversation_messages m ON m.conversation_id = c.id WHERE m.message_id = sqlc.arg(message_id);

-- name: LockConversationOfMessage :many
-- None, or the one.
SELECT c.id FROM conversations c JOIN conversation_messages m ON m.conversation_id = c.id WHERE m.message_id = sqlc.arg(message_id) FOR NO KEY UPDATE OF c;

-- name: LockConversationsOfMessages :many
-- In the order in which judging locks them.
SELECT c.id FROM conversations c
WHERE c.id IN (SELECT m.conversation_id FROM conversation_messages m WHERE m.message_id = ANY (sqlc.arg(message_ids)::bigint[]))
ORDER BY c.id FOR NO KEY UPDATE;

-- name: JudgeAgain :exec
UPDATE conversations SET version = version + 1, changed_at = coalesce(changed_at, now()), judge_at = now() WHERE id = sqlc.arg(id);

-- name: LockClassification :one
SELECT id, is_issue, category, priority, confidence, provider FROM messages WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: ClassifyByPerson :exec
UPDATE messages SET is_issue = sqlc.arg(is_issue)::boolean, category = sqlc.arg(category)::text, priority = sqlc.arg(priority)::text, confidence = 1,
    provider = 'user', classified_at = now()
WHERE id = sqlc.arg(id);

-- name: UnclassifyMessage :exec
UPDATE messages SET is_issue = NULL, category = NULL, priority = NULL, confidence = NULL, provider = NULL, classified_at = NULL WHERE id = sqlc.arg(id);

-- name: AttemptsOfConversation :many
SELECT * FROM classification_attempts WHERE conversation_id = sqlc.arg(conversation_id) ORDER BY id DESC LIMIT 20;

-- name: ProposalOfConversation :many
-- None, or the one.
SELECT * FROM proposals WHERE conversation_id = sqlc.arg(conversation_id)::bigint;

-- name: StoredAt :one
SELECT created_at FROM messages WHERE id = sqlc.arg(id);

-- name: MakerOfTask :one
-- The conversation that a task was made of, with what the machine said of it last.
SELECT c.id, c.provider, c.model
FROM conversation_tasks t
JOIN conversations c ON c.id = t.conversation_id
WHERE t.task_id = sqlc.arg(task_id) AND t.made
ORDER BY c.id LIMIT 1;

-- name: UndoTaskFeedback :exec
-- What a person changed of a task is again as the machine had it.
UPDATE feedback SET undone_at = now()
WHERE task_id = sqlc.arg(task_id) AND kind IN ('category', 'priority') AND undone_at IS NULL
  AND machine_category = sqlc.arg(category)::text AND machine_priority = sqlc.arg(priority)::text;

-- name: CountAIDecisions :many
-- To be planned for its values.
SELECT d.outcome, d.reason, (d.is_right IS NOT NULL)::boolean AS decided, coalesce(d.is_right, false)::boolean AS is_right,
    d.provider, d.model, d.prompt_version, d.version, count(*) AS n
FROM ai_decisions d
WHERE d.made_at >= sqlc.arg(from_at)::timestamptz AND d.made_at < sqlc.arg(before_at)::timestamptz
  AND (sqlc.narg(chat_ids)::text[] IS NULL OR d.chat_id = ANY (sqlc.narg(chat_ids)::text[]))
GROUP BY d.outcome, d.reason, d.is_right, d.provider, d.model, d.prompt_version, d.version;

-- name: ListAIDecisions :many
-- To be planned for its values.
SELECT d.subject, d.id, coalesce(d.message_id, 0)::bigint AS message_id, d.made_at, d.title, d.outcome, d.reason, d.decided_at, d.task_id, d.version
FROM ai_decisions d
WHERE d.made_at >= sqlc.arg(from_at)::timestamptz AND d.made_at < sqlc.arg(before_at)::timestamptz
  AND (sqlc.narg(chat_ids)::text[] IS NULL OR d.chat_id = ANY (sqlc.narg(chat_ids)::text[]))
  AND (sqlc.narg(outcome)::text IS NULL OR d.outcome = sqlc.narg(outcome)::text)
  AND (sqlc.narg(reason)::text IS NULL OR d.reason = sqlc.narg(reason)::text)
  AND (sqlc.narg(is_right)::boolean IS NULL OR d.is_right = sqlc.narg(is_right)::boolean)
  AND (sqlc.narg(version)::text IS NULL OR d.version = sqlc.narg(version)::text)
  AND (NOT sqlc.arg(accepted)::boolean OR d.subject = 'proposal' AND d.outcome IN ('accepted', 'edited'))
  AND (sqlc.narg(after_at)::timestamptz IS NULL
       OR (d.made_at, d.subject, d.id) < (sqlc.narg(after_at)::timestamptz, sqlc.narg(after_subject)::text, sqlc.narg(after_id)::bigint))
ORDER BY d.made_at DESC, d.subject DESC, d.id DESC
LIMIT sqlc.arg(max_rows)::bigint;

-- name: TimeToAccept :one
-- Of the proposals that ListAIDecisions lists as accepted: how many, and the time that half of them, and nine of ten, took at most. To be
-- planned for its values.
SELECT count(*) AS n, coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY f.seconds), 0)::double precision AS median,
    coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY f.seconds), 0)::double precision AS p90
FROM (
    SELECT greatest(extract(epoch FROM d.decided_at - d.made_at), 0)::double precision AS seconds
    FROM ai_decisions d
    WHERE d.made_at >= sqlc.arg(from_at)::timestamptz AND d.made_at < sqlc.arg(before_at)::timestamptz
      AND (sqlc.narg(chat_ids)::text[] IS NULL OR d.chat_id = ANY (sqlc.narg(chat_ids)::text[]))
      AND d.subject = 'proposal' AND d.outcome IN ('accepted', 'edited')
) AS f;
