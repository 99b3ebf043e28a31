-- name: WebhookSettings :one
-- Old databases may hold several rows; the one that was changed last counts.
SELECT * FROM webhook_settings WHERE config ? 'telegram' ORDER BY updated_at DESC, id DESC LIMIT 1;

-- name: LockWebhookSettings :exec
-- One change at a time, also while there is no row to lock.
SELECT pg_advisory_xact_lock(hashtextextended('webhook_settings', 0));

-- name: InsertWebhookSettings :exec
INSERT INTO webhook_settings (name, config, is_active) VALUES ('telegram', sqlc.arg(config), sqlc.arg(is_active));

-- name: WriteWebhookSettings :exec
UPDATE webhook_settings SET config = sqlc.arg(config), is_active = sqlc.arg(is_active), updated_at = now()
WHERE id = sqlc.arg(id);

-- name: GetSetting :one
SELECT value, updated_at FROM settings WHERE key = sqlc.arg(key);

-- name: PutSetting :one
INSERT INTO settings (key, value) VALUES (sqlc.arg(key), sqlc.arg(value))
ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = now()
RETURNING updated_at;
