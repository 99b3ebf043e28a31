-- Why: takes the position back out of messages, and orders by id within an instant again.
-- Locks: ACCESS EXCLUSIVE on messages while one index is made: seconds for 1,000,000 messages.
DROP VIEW message_details;
DROP INDEX messages_chat_idx;
ALTER TABLE messages DROP COLUMN position;
CREATE INDEX messages_chat_idx ON messages (source_id, chat_id, sent_at, id);

CREATE VIEW message_details AS
SELECT m.id, m.source_id, s.name AS source_name, m.chat_id, m.external_message_id, m.content, m.has_words,
       a.name AS author, m.author_id, m.sent_at, m.edited_at, coalesce(c.name, '') AS chat_name, m.thread_id,
       m.reply_to_external_id, m.media_group_id, m.avatar_url, coalesce(p.avatar_version, 0) AS avatar_version,
       p.avatar_next_check_at, m.analyzed, m.is_issue, m.category, m.priority, m.confidence, m.provider,
       m.classified_at, coalesce(t.task_id, 0) AS task_id, m.version_at, m.version, m.changed_by_version
FROM messages m
JOIN sources s ON s.id = m.source_id
JOIN author_names a ON a.id = m.author_name_id
LEFT JOIN chats c ON c.source_id = m.source_id AND c.external_id = m.chat_id
LEFT JOIN authors p ON p.source_id = m.source_id AND p.external_id = m.author_id
LEFT JOIN task_messages t ON t.message_id = m.id AND t.role = 'origin';
