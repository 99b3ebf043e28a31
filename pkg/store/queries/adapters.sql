-- name: TryLockAdapters :one
-- One training at a time; the lock goes with the transaction, however that ends.
SELECT pg_try_advisory_xact_lock(hashtextextended('adapters', 0));

-- name: LockAdapters :exec
-- One change of what is active at a time.
SELECT pg_advisory_xact_lock(hashtextextended('active adapter', 0));

-- name: NewCorrections :one
-- Since the last training with these weights, at most as many as are asked about.
SELECT count(*) FROM (
    SELECT FROM feedback f
    WHERE f.id > coalesce((SELECT max(a.feedback_id) FROM adapters a WHERE a.base = sqlc.arg(base)), 0) AND f.undone_at IS NULL AND f.is_issue IS NOT NULL
    LIMIT sqlc.arg(bound)) AS n;

-- name: ListCorrections :many
-- The newest that say whether something is an issue, with the conversation that it is in now.
SELECT f.id, coalesce(f.message_id, 0)::bigint AS message_id, coalesce(m.conversation_id, p.conversation_id, f.conversation_id)::bigint AS conversation_id,
       f.is_issue::boolean AS is_issue, coalesce(f.category, '')::text AS category, f.machine_is_issue, coalesce(f.machine_category, '')::text AS machine_category
FROM feedback f
LEFT JOIN conversation_messages m ON m.message_id = f.message_id
LEFT JOIN proposals p ON p.id = f.proposal_id
WHERE f.undone_at IS NULL AND f.is_issue IS NOT NULL AND coalesce(m.conversation_id, p.conversation_id, f.conversation_id) IS NOT NULL
ORDER BY f.id DESC LIMIT sqlc.arg(max_rows);

-- name: LastFeedback :one
SELECT coalesce(max(id), 0)::bigint AS id FROM feedback;

-- name: InsertAdapter :one
INSERT INTO adapters (base, weights, feedback_id, learnt, held_back, right_before, right_after, loss_before, loss_after, adopted)
VALUES (sqlc.arg(base), sqlc.arg(weights), sqlc.arg(feedback_id), sqlc.arg(learnt), sqlc.arg(held_back), sqlc.arg(right_before), sqlc.arg(right_after),
        sqlc.arg(loss_before), sqlc.arg(loss_after), sqlc.arg(adopted))
RETURNING id;

-- name: DeactivateAdapters :execrows
UPDATE adapters SET active = false WHERE active AND id <> sqlc.arg(but);

-- name: ActivateAdapter :execrows
UPDATE adapters SET active = true WHERE id = sqlc.arg(id) AND NOT active;

-- name: TrimAdapters :exec
-- Keeps the newest, and the one in use.
DELETE FROM adapters WHERE NOT active AND id NOT IN (SELECT a.id FROM adapters a ORDER BY a.id DESC LIMIT sqlc.arg(kept));

-- name: ActiveAdapter :many
-- None, or the one.
SELECT id, base FROM adapters WHERE active;

-- name: AdapterWeights :one
SELECT base, weights FROM adapters WHERE id = sqlc.arg(id);

-- name: ListAdapters :many
-- Without their weights, newest first.
SELECT id, base, learnt, held_back, right_before, right_after, loss_before, loss_after, adopted, active, created_at FROM adapters ORDER BY id DESC;
