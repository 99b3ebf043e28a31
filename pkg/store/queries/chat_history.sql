-- name: ChatsBefore :many
-- The ids under which a chat was known before it became this one.
SELECT DISTINCT external_id FROM chats WHERE migrated_to_chat = sqlc.arg(chat_id)::text;

-- name: NamesOfChats :many
SELECT c.external_id, c.name
FROM chats c
JOIN sources s ON s.id = c.source_id
WHERE s.name = sqlc.arg(source) AND c.external_id = ANY (sqlc.arg(chat_ids)::text[]) AND c.name <> '';

-- name: NamesOfChatIDs :many
-- Of whatever source.
SELECT DISTINCT ON (c.external_id) c.external_id, c.name
FROM unnest(sqlc.arg(chat_ids)::text[]) AS w (id)
CROSS JOIN sources s
JOIN chats c ON c.source_id = s.id AND c.external_id = w.id
WHERE c.name <> ''
ORDER BY c.external_id, s.id;
