-- name: InsertOutbox :one
INSERT INTO outbox (subject, payload) VALUES (sqlc.arg(subject), sqlc.arg(payload))
RETURNING *;

-- name: ClaimOutbox :many
-- Moves the rows on by the lease: whoever claimed them publishes and deletes them, or
-- says why not; if it dies, they come back when the lease is over. As an array, here and wherever what is locked is
-- looked for: IN (...) may be planned to look for all of it anew for each row of the table.
WITH claimed AS (
    UPDATE outbox SET attempts = attempts + 1, not_before = now() + sqlc.arg(lease)::interval
    WHERE id = ANY (ARRAY(SELECT o.id FROM outbox o WHERE o.not_before <= now() ORDER BY o.id LIMIT sqlc.arg(max_rows) FOR UPDATE SKIP LOCKED))
    RETURNING *
)
SELECT * FROM claimed ORDER BY id;

-- name: DeleteOutbox :execrows
-- In one order, so that two who publish the same cannot wait for each other in a circle.
DELETE FROM outbox WHERE id = ANY (ARRAY(SELECT o.id FROM outbox o WHERE o.id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY o.id FOR UPDATE));

-- name: FailOutbox :execrows
UPDATE outbox SET last_error = sqlc.arg(reason), not_before = now() + sqlc.arg(delay)::interval WHERE id = sqlc.arg(id);

-- name: OutboxSize :one
SELECT count(*) FROM outbox;

-- name: ListenOutbox :exec
LISTEN outbox;

-- name: OutboxWaiting :one
SELECT count(*) AS waiting, coalesce(min(created_at), '1970-01-01Z')::timestamptz AS oldest FROM outbox;
