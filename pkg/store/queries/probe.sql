-- name: WriteProbe :exec
INSERT INTO settings (key, value) VALUES (sqlc.arg(key), sqlc.arg(value));

-- name: TakeProbe :one
DELETE FROM settings WHERE key = sqlc.arg(key) RETURNING value;
