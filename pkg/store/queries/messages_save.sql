-- name: UpsertMessages :many
-- Stores one version of each of many messages. The arrays run in parallel and are
-- sorted by identity, so that concurrent writers lock rows in one order. A row that
-- exists is replaced by a newer version only; it is locked either way. No row comes
-- back for a version that is not newer.
INSERT INTO messages AS m (
    source_id, chat_id, external_message_id, author_name_id, author_id, content, has_words, sent_at, edited_at,
    thread_id, reply_to_external_id, media_group_id, avatar_url, raw, search, version_at, version, changed_by_version)
SELECT unnest(sqlc.arg(source_ids)::bigint[]), unnest(sqlc.arg(chat_ids)::text[]), unnest(sqlc.arg(external_ids)::text[]),
       unnest(sqlc.arg(author_name_ids)::bigint[]), unnest(sqlc.arg(author_ids)::text[]), unnest(sqlc.arg(contents)::text[]),
       unnest(sqlc.arg(has_words)::boolean[]), unnest(sqlc.arg(sent_at)::timestamptz[]), nullif(unnest(sqlc.arg(edited_at)::timestamptz[]), '0001-01-01Z'),
       unnest(sqlc.arg(thread_ids)::text[]), unnest(sqlc.arg(reply_to_external_ids)::text[]), unnest(sqlc.arg(media_group_ids)::text[]),
       unnest(sqlc.arg(avatar_urls)::text[]), nullif(unnest(sqlc.arg(raws)::text[]), '')::jsonb, unnest(sqlc.arg(searches)::text[])::tsvector,
       unnest(sqlc.arg(version_at)::timestamptz[]), unnest(sqlc.arg(versions)::bigint[]), unnest(sqlc.arg(versions)::bigint[])
ON CONFLICT (source_id, chat_id, external_message_id) DO UPDATE SET
    version_at = excluded.version_at,
    version = excluded.version,
    -- A version that changes nothing visible leaves these two as they were.
    changed_by_version = CASE
        WHEN (m.content, m.has_words, m.author_name_id, m.author_id, m.thread_id, m.reply_to_external_id, m.media_group_id)
          IS DISTINCT FROM (excluded.content, excluded.has_words, excluded.author_name_id, excluded.author_id,
                            excluded.thread_id, excluded.reply_to_external_id, excluded.media_group_id)
        THEN excluded.version ELSE m.changed_by_version END,
    edited_at = CASE
        WHEN (m.content, m.has_words, m.author_name_id, m.author_id, m.thread_id, m.reply_to_external_id, m.media_group_id)
          IS DISTINCT FROM (excluded.content, excluded.has_words, excluded.author_name_id, excluded.author_id,
                            excluded.thread_id, excluded.reply_to_external_id, excluded.media_group_id)
        THEN excluded.edited_at ELSE m.edited_at END,
    content = excluded.content,
    has_words = excluded.has_words,
    author_name_id = excluded.author_name_id,
    author_id = excluded.author_id,
    thread_id = excluded.thread_id,
    reply_to_external_id = excluded.reply_to_external_id,
    media_group_id = excluded.media_group_id,
    avatar_url = coalesce(nullif(excluded.avatar_url, ''), m.avatar_url),
    raw = coalesce(excluded.raw, m.raw),
    search = excluded.search
WHERE (excluded.version_at, excluded.version) > (m.version_at, m.version)
RETURNING m.id, m.source_id, m.chat_id, m.external_message_id, (m.xmax = 0)::boolean AS inserted;

-- name: MessagesByIdentity :many
-- Identities that do not exist are left out.
SELECT d.*
FROM (SELECT unnest(sqlc.arg(source_ids)::bigint[]) AS source_id, unnest(sqlc.arg(chat_ids)::text[]) AS chat_id,
             unnest(sqlc.arg(external_ids)::text[]) AS external_message_id) AS wanted
JOIN message_details d ON d.source_id = wanted.source_id AND d.chat_id = wanted.chat_id
                      AND d.external_message_id = wanted.external_message_id;

-- name: InsertMessage :one
-- No row comes back where the identity exists.
INSERT INTO messages (
    source_id, chat_id, external_message_id, author_name_id, author_id, content, has_words, sent_at,
    thread_id, reply_to_external_id, media_group_id, avatar_url, raw, search, version_at, version, changed_by_version)
VALUES (sqlc.arg(source_id), sqlc.arg(chat_id), sqlc.arg(external_message_id), sqlc.arg(author_name_id), sqlc.arg(author_id), sqlc.arg(content), sqlc.arg(has_words), sqlc.arg(sent_at),
        sqlc.arg(thread_id), sqlc.arg(reply_to_external_id), sqlc.arg(media_group_id), sqlc.arg(avatar_url), nullif(sqlc.arg(raw)::text, '')::jsonb,
        sqlc.arg(search)::text::tsvector, sqlc.arg(sent_at), sqlc.arg(version), sqlc.arg(version))
ON CONFLICT (source_id, chat_id, external_message_id) DO NOTHING
RETURNING id;

-- name: ClassifyMessage :execrows
UPDATE messages
SET is_issue = sqlc.arg(is_issue)::boolean, category = sqlc.arg(category)::text, priority = sqlc.arg(priority)::text,
    confidence = sqlc.arg(confidence)::double precision, provider = sqlc.arg(provider)::text, classified_at = sqlc.arg(classified_at)::timestamptz
WHERE id = sqlc.arg(id);

-- name: UnindexedMessages :many
SELECT m.id, m.content, a.name AS author
FROM messages m
JOIN author_names a ON a.id = m.author_name_id
WHERE m.search IS NULL
ORDER BY m.id
LIMIT sqlc.arg(max_rows)
FOR UPDATE OF m SKIP LOCKED;

-- name: IndexMessages :execrows
UPDATE messages m SET search = w.search::tsvector
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(searches)::text[]) AS search) AS w
WHERE m.id = w.id;
