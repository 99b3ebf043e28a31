-- name: LockViews :exec
-- One change at a time, so that a page gets no more than it may have.
SELECT pg_advisory_xact_lock(hashtextextended('views', 0));

-- name: Views :many
SELECT * FROM views ORDER BY page, name;

-- name: CountOtherViews :one
SELECT count(*) FROM views WHERE page = sqlc.arg(page) AND name <> sqlc.arg(name);

-- name: SaveView :many
-- None where it is so already.
INSERT INTO views AS v (page, name, query) VALUES (sqlc.arg(page), sqlc.arg(name), sqlc.arg(query))
ON CONFLICT (page, name) DO UPDATE SET query = excluded.query, updated_at = now() WHERE v.query <> excluded.query
RETURNING *;

-- name: ViewNamed :one
SELECT * FROM views WHERE page = sqlc.arg(page) AND name = sqlc.arg(name);

-- name: DeleteView :execrows
DELETE FROM views WHERE id = sqlc.arg(id);
