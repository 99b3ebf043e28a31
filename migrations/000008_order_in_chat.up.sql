-- Why: Telegram tells times in whole seconds, and a chat's messages of one second were
-- listed in the order in which they happened to be stored. position is the number of a message in
-- its chat, by which the channel itself orders; 0 where its id is no number, as for
-- what was carried over without one ('legacy-<id>'), which goes on by id.
-- Locks: ACCESS EXCLUSIVE on messages while it is written anew with its indexes: about a
-- minute for 1,000,000 messages. Stop the services before.
DROP INDEX messages_chat_idx;

-- 18 digits always fit into a bigint. The collation makes digits those of ASCII alone.
ALTER TABLE messages ADD COLUMN position bigint NOT NULL GENERATED ALWAYS AS (
    CASE WHEN external_message_id COLLATE "C" ~ '^[0-9]{1,18}$' THEN external_message_id::bigint ELSE 0 END) STORED;

CREATE INDEX messages_chat_idx ON messages (source_id, chat_id, sent_at, position, id);

DROP VIEW message_details;
CREATE VIEW message_details AS
SELECT m.id, m.source_id, s.name AS source_name, m.chat_id, m.external_message_id, m.content, m.has_words,
       a.name AS author, m.author_id, m.sent_at, m.edited_at, coalesce(c.name, '') AS chat_name, m.thread_id,
       m.reply_to_external_id, m.media_group_id, m.avatar_url, coalesce(p.avatar_version, 0) AS avatar_version,
       p.avatar_next_check_at, m.analyzed, m.is_issue, m.category, m.priority, m.confidence, m.provider,
       m.classified_at, coalesce(t.task_id, 0) AS task_id, m.version_at, m.version, m.changed_by_version, m.position
FROM messages m
JOIN sources s ON s.id = m.source_id
JOIN author_names a ON a.id = m.author_name_id
LEFT JOIN chats c ON c.source_id = m.source_id AND c.external_id = m.chat_id
LEFT JOIN authors p ON p.source_id = m.source_id AND p.external_id = m.author_id
LEFT JOIN task_messages t ON t.message_id = m.id AND t.role = 'origin';
