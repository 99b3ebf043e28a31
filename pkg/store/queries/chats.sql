-- name: UpsertChats :exec
-- '' means unknown and keeps what is stored; older facts never replace newer ones.
INSERT INTO chats AS c (source_id, external_id, kind, name, username, is_forum, facts_at, last_seen_at)
SELECT unnest(sqlc.arg(source_ids)::bigint[]), unnest(sqlc.arg(external_ids)::text[]), unnest(sqlc.arg(kinds)::text[]), unnest(sqlc.arg(names)::text[]),
       unnest(sqlc.arg(usernames)::text[]), unnest(sqlc.arg(is_forum)::boolean[]), unnest(sqlc.arg(facts_at)::timestamptz[]), unnest(sqlc.arg(facts_at)::timestamptz[])
ON CONFLICT (source_id, external_id) DO UPDATE SET
    kind = coalesce(nullif(excluded.kind, ''), c.kind),
    name = coalesce(nullif(excluded.name, ''), c.name),
    username = excluded.username,
    is_forum = excluded.is_forum,
    facts_at = excluded.facts_at,
    last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at)
WHERE excluded.facts_at >= c.facts_at;

-- name: CountUnmonitored :exec
INSERT INTO chats AS c (source_id, external_id, kind, name, username, is_forum, facts_at, unmonitored_messages, last_seen_at, reported_at)
VALUES (sqlc.arg(source_id), sqlc.arg(external_id), sqlc.arg(kind), sqlc.arg(name), sqlc.arg(username), sqlc.arg(is_forum), sqlc.arg(seen_at), sqlc.arg(messages), sqlc.arg(seen_at),
        sqlc.arg(reported_at)::timestamptz)
ON CONFLICT (source_id, external_id) DO UPDATE SET
    kind = coalesce(nullif(excluded.kind, ''), c.kind),
    name = CASE WHEN excluded.facts_at >= c.facts_at THEN coalesce(nullif(excluded.name, ''), c.name) ELSE c.name END,
    username = CASE WHEN excluded.facts_at >= c.facts_at THEN excluded.username ELSE c.username END,
    is_forum = CASE WHEN excluded.facts_at >= c.facts_at THEN excluded.is_forum ELSE c.is_forum END,
    facts_at = greatest(c.facts_at, excluded.facts_at),
    unmonitored_messages = c.unmonitored_messages
        + CASE WHEN c.reported_at = excluded.reported_at THEN 0 ELSE excluded.unmonitored_messages END,
    reported_at = excluded.reported_at,
    last_seen_at = greatest(c.last_seen_at, excluded.last_seen_at);

-- name: ChatID :one
SELECT id FROM chats WHERE source_id = sqlc.arg(source_id) AND external_id = sqlc.arg(external_id);

-- name: MigrateChat :exec
INSERT INTO chats AS c (source_id, external_id, migrated_to_chat) VALUES (sqlc.arg(source_id), sqlc.arg(from_chat), sqlc.arg(to_chat))
ON CONFLICT (source_id, external_id) DO UPDATE SET migrated_to_chat = excluded.migrated_to_chat;

-- name: EnsureChat :exec
INSERT INTO chats AS c (source_id, external_id, kind, name) VALUES (sqlc.arg(source_id), sqlc.arg(external_id), sqlc.arg(kind), sqlc.arg(name))
ON CONFLICT (source_id, external_id) DO UPDATE SET name = coalesce(nullif(c.name, ''), excluded.name)
WHERE c.name = '';

-- name: NameTopic :exec
INSERT INTO topics AS t (chat_id, thread_id, name, named_at) VALUES (sqlc.arg(chat_id), sqlc.arg(thread_id), sqlc.arg(name), sqlc.arg(named_at))
ON CONFLICT (chat_id, thread_id) DO UPDATE SET name = excluded.name, named_at = excluded.named_at
WHERE excluded.named_at >= t.named_at;

-- name: SetBotStatus :exec
UPDATE chats SET bot_status = sqlc.arg(status), bot_status_at = sqlc.arg(changed_at)::timestamptz
WHERE source_id = sqlc.arg(source_id) AND external_id = sqlc.arg(external_id)
  AND (bot_status_at IS NULL OR bot_status_at <= sqlc.arg(changed_at)::timestamptz);

-- name: TopicName :one
SELECT t.name
FROM topics t
JOIN chats c ON c.id = t.chat_id
WHERE c.source_id = sqlc.arg(source_id) AND c.external_id = sqlc.arg(chat_external_id) AND t.thread_id = sqlc.arg(thread_id);

-- name: TopicsOfChat :many
-- Those that have a name and those in which something was said, the named first.
SELECT coalesce(n.thread_id, h.thread_id)::text AS thread_id, coalesce(n.name, '')::text AS name
FROM (SELECT t.thread_id, t.name FROM topics t JOIN chats c ON c.id = t.chat_id JOIN sources s ON s.id = c.source_id
      WHERE s.name = sqlc.arg(source)::text AND c.external_id = sqlc.arg(chat_id)::text) n
FULL JOIN (SELECT th.thread_id FROM chat_threads th JOIN sources s ON s.id = th.source_id
      WHERE s.name = sqlc.arg(source)::text AND th.chat_id = sqlc.arg(chat_id)::text AND th.thread_id <> '') h ON h.thread_id = n.thread_id
ORDER BY n.name IS NULL, lower(n.name), length(coalesce(n.thread_id, h.thread_id)), coalesce(n.thread_id, h.thread_id)
LIMIT sqlc.arg(max_rows)::bigint;

-- name: SeenChats :many
-- Chats that were seen and are not among the given; not those that have become another,
-- nor those that the bot has left without a word of theirs being missed. Counted are the
-- messages that were not taken in and those that are stored.
SELECT s.name AS source, c.external_id, c.kind, c.name, c.last_seen_at, c.bot_status,
       (c.unmonitored_messages + (SELECT count(*) FROM messages m WHERE m.source_id = c.source_id AND m.chat_id = c.external_id))::bigint AS messages
FROM chats c
JOIN sources s ON s.id = c.source_id
WHERE c.migrated_to_chat = '' AND c.last_seen_at IS NOT NULL AND c.external_id <> ALL (sqlc.arg(monitored)::text[])
  AND (c.unmonitored_messages > 0 OR c.bot_status NOT IN ('left', 'kicked'))
ORDER BY c.last_seen_at DESC NULLS LAST, c.id
LIMIT 1000;

-- name: ChatStates :many
-- The year 1, Go's zero time, for a chat without messages. One step down an index per chat.
SELECT c.external_id, c.migrated_to_chat, c.bot_status, c.bot_status_at,
       coalesce(newest.sent_at, '0001-01-01Z'::timestamptz)::timestamptz AS last_message_at
FROM chats c
JOIN sources s ON s.id = c.source_id
LEFT JOIN LATERAL (
    SELECT m.sent_at
    FROM messages m
    WHERE m.source_id = c.source_id AND m.chat_id = c.external_id
    ORDER BY m.sent_at DESC
    LIMIT 1
) newest ON true
WHERE s.name = sqlc.arg(source) AND c.external_id = ANY(sqlc.arg(external_ids)::text[]);

-- name: LastMessageAt :one
-- The year 1, Go's zero time, where there is none. One step down an index.
SELECT coalesce((
    SELECT m.sent_at FROM messages m
    WHERE m.source_id = (SELECT s.id FROM sources s WHERE s.name = sqlc.arg(source))
    ORDER BY m.sent_at DESC LIMIT 1
), '0001-01-01Z'::timestamptz)::timestamptz AS last_message_at;
