-- name: LockAnalysisQueue :exec
SELECT pg_advisory_xact_lock(hashtextextended('analysis_runs', 0));

-- name: QueuedAnalysisRuns :one
SELECT count(*) FROM analysis_runs WHERE status = 'queued' AND day IS NULL;

-- name: QueueAnalysisRun :one
INSERT INTO analysis_runs (status, requested_by, sent_from, sent_to, chats)
VALUES ('queued', 'user', sqlc.arg(sent_from)::timestamptz, sqlc.arg(sent_to)::timestamptz, sqlc.narg(chats)::text[])
RETURNING *;

-- name: ScheduleAnalysisRun :many
-- Not for a moment that has a run, nor for one before the last that has.
INSERT INTO analysis_runs (status, requested_by, sent_from, sent_to, scheduled_for)
SELECT 'queued', 'schedule', sqlc.arg(sent_from)::timestamptz, sqlc.arg(sent_to)::timestamptz, sqlc.arg(scheduled_for)::timestamptz
WHERE NOT EXISTS (SELECT FROM analysis_runs r WHERE r.scheduled_for >= sqlc.arg(scheduled_for)::timestamptz)
ON CONFLICT DO NOTHING
RETURNING *;

-- name: KeepAnalysisSchedule :one
-- Since when this schedule has been in force, wherever its summaries are posted.
INSERT INTO settings (key, value) VALUES ('analysis_schedule', sqlc.arg(value)::jsonb)
ON CONFLICT (key) DO UPDATE SET
    updated_at = CASE WHEN settings.value - 'post_to' = excluded.value - 'post_to' THEN settings.updated_at ELSE now() END,
    value = excluded.value
RETURNING updated_at;

-- name: ListAnalysisRuns :many
SELECT * FROM analysis_runs WHERE day IS NULL AND id < sqlc.arg(before)::bigint ORDER BY id DESC LIMIT sqlc.arg(max_rows);

-- name: GetAnalysisRun :one
SELECT * FROM analysis_runs WHERE id = sqlc.arg(id) AND day IS NULL;

-- name: LockAnalysisRun :one
SELECT * FROM analysis_runs WHERE id = sqlc.arg(id) AND day IS NULL FOR UPDATE;

-- name: CancelAnalysisRun :one
UPDATE analysis_runs SET status = 'cancelled', finished_at = now(), lease_until = NULL, checkpoint = NULL
WHERE id = sqlc.arg(id)
RETURNING *;

-- name: ClaimAnalysisRun :many
-- The oldest that waits, or whose worker has died.
UPDATE analysis_runs SET status = 'running', started_at = coalesce(started_at, now()), lease_until = now() + sqlc.arg(lease)::interval,
    claims = claims + 1, attempts = attempts + 1
WHERE id = (SELECT r.id FROM analysis_runs r
            WHERE r.status IN ('queued', 'running') AND r.day IS NULL AND (r.lease_until IS NULL OR r.lease_until <= now())
            ORDER BY r.id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: StartAnalysisRun :execrows
UPDATE analysis_runs SET messages = sqlc.arg(messages) WHERE id = sqlc.arg(id) AND claims = sqlc.arg(claims) AND status = 'running';

-- name: CheckpointAnalysisRun :execrows
UPDATE analysis_runs SET processed = sqlc.arg(processed), messages = greatest(messages, sqlc.arg(processed)), checkpoint = sqlc.arg(checkpoint)::jsonb,
    attempts = 0, lease_until = now() + sqlc.arg(lease)::interval
WHERE id = sqlc.arg(id) AND claims = sqlc.arg(claims) AND status = 'running';

-- name: ReleaseAnalysisRun :exec
UPDATE analysis_runs SET lease_until = now() + sqlc.arg(delay)::interval, attempts = greatest(attempts - sqlc.arg(forgiven)::int, 0)
WHERE id = sqlc.arg(id) AND claims = sqlc.arg(claims) AND status = 'running';

-- name: FinishAnalysisRun :many
UPDATE analysis_runs SET status = sqlc.arg(status), finished_at = now(), lease_until = NULL, checkpoint = NULL, error = sqlc.narg(error), summary = sqlc.narg(summary)::jsonb,
    messages = CASE WHEN sqlc.arg(status)::text = 'completed' THEN processed ELSE messages END
WHERE id = sqlc.arg(id) AND claims = sqlc.arg(claims) AND status = 'running'
RETURNING *;

-- name: WaitingAnalysisRuns :one
SELECT count(*) FROM analysis_runs WHERE status IN ('queued', 'running') AND day IS NULL;

-- name: CountMessagesSent :one
SELECT count(*) FROM messages m
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[]) AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz
  AND (sqlc.narg(chats)::text[] IS NULL OR m.chat_id = ANY (sqlc.narg(chats)::text[]));

-- name: MessagesSent :many
-- A portion of one source: what comes after a message, in the order of its index.
SELECT m.id, m.chat_id, m.thread_id, m.external_message_id, m.reply_to_external_id, a.name AS author, m.content, m.has_words, m.sent_at
FROM messages m
JOIN author_names a ON a.id = m.author_name_id
WHERE m.source_id = sqlc.arg(source_id) AND m.sent_at < sqlc.arg(sent_to)::timestamptz
  AND (m.sent_at, m.id) > (sqlc.arg(after_at)::timestamptz, sqlc.arg(after_id)::bigint)
  AND (sqlc.narg(chats)::text[] IS NULL OR m.chat_id = ANY (sqlc.narg(chats)::text[]))
ORDER BY m.sent_at, m.id
LIMIT sqlc.arg(max_rows);

-- name: MessagesToQuote :many
SELECT m.id, a.name AS author, m.content, m.sent_at
FROM messages m
JOIN author_names a ON a.id = m.author_name_id
WHERE m.id = ANY (sqlc.arg(ids)::bigint[]) AND m.has_words
ORDER BY m.sent_at, m.id;

-- name: SentFigures :one
SELECT count(*) AS messages, count(DISTINCT (m.source_id, CASE WHEN m.author_id = '' THEN 'name ' || m.author_name_id ELSE m.author_id END)) AS authors,
       count(DISTINCT (m.source_id, m.chat_id)) AS chats
FROM messages m
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[]) AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz
  AND (sqlc.narg(chats)::text[] IS NULL OR m.chat_id = ANY (sqlc.narg(chats)::text[]));

-- name: IssuesSent :many
SELECT coalesce(m.category, '')::text AS category, count(*) AS n
FROM messages m
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[]) AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz
  AND (sqlc.narg(chats)::text[] IS NULL OR m.chat_id = ANY (sqlc.narg(chats)::text[]))
  AND m.is_issue AND m.category <> ''
GROUP BY m.category;

-- name: TasksMade :many
SELECT t.id, t.title, t.status, t.category, t.priority
FROM tasks t
WHERE t.created_at >= sqlc.arg(sent_from)::timestamptz AND t.created_at < sqlc.arg(sent_to)::timestamptz AND t.category <> 'summary'
  AND (sqlc.narg(chats)::text[] IS NULL OR EXISTS (SELECT FROM task_messages l JOIN messages m ON m.id = l.message_id
                                                  WHERE l.task_id = t.id AND m.chat_id = ANY (sqlc.narg(chats)::text[])))
ORDER BY t.created_at DESC, t.id DESC
LIMIT sqlc.arg(max_rows);

-- name: TasksClosed :many
SELECT t.id, t.title, t.status, t.category, t.priority
FROM (SELECT h.task_id, max(h.changed_at) AS changed_at FROM task_history h
      WHERE h.field = 'status' AND h.new_value IN ('completed', 'cancelled')
        AND h.changed_at >= sqlc.arg(sent_from)::timestamptz AND h.changed_at < sqlc.arg(sent_to)::timestamptz
      GROUP BY h.task_id) AS closed
JOIN tasks t ON t.id = closed.task_id
WHERE t.status IN ('completed', 'cancelled') AND t.category <> 'summary'
  AND (sqlc.narg(chats)::text[] IS NULL OR EXISTS (SELECT FROM task_messages l JOIN messages m ON m.id = l.message_id
                                                  WHERE l.task_id = t.id AND m.chat_id = ANY (sqlc.narg(chats)::text[])))
ORDER BY closed.changed_at DESC, t.id DESC
LIMIT sqlc.arg(max_rows);
