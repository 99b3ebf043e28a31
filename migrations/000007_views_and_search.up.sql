-- Why: a message is told by six tables; message_details joins them once, each by a unique
-- key, for every query that reads whole messages. And whoever reads the earlier system's
-- tables by SQL goes on reading: its names and columns, times without a zone in UTC.
-- Locks: none that anyone could wait for (new views); milliseconds.
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

CREATE VIEW task_details AS
SELECT t.id, t.title, t.description, t.category, t.priority, t.status, t.source, t.ai_generated, t.confidence,
       t.assignee, t.due_at, t.labels, t.created_at, t.updated_at,
       ARRAY(SELECT m.message_id FROM task_messages m WHERE m.task_id = t.id ORDER BY m.message_id LIMIT 1000)::bigint[]
           AS source_message_ids
FROM tasks t;

-- What a search finds, from the search index alone, at most `most` rows in no order.
-- PostgreSQL takes half a percent of all rows to match any prefix, and would rather walk
-- the newest rows until a page is full: for an identifier that occurs once, all of them.
-- Whether a word is rare is therefore found out here, and the caller chooses.
CREATE FUNCTION messages_found(query tsquery, most bigint) RETURNS SETOF bigint
    LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
    SELECT id FROM messages WHERE search @@ query LIMIT most
$$;
CREATE FUNCTION tasks_found(query tsquery, most bigint) RETURNS SETOF bigint
    LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
    SELECT id FROM tasks WHERE search @@ query LIMIT most
$$;

CREATE VIEW simple_sources AS
SELECT id, name, created_at AT TIME ZONE 'UTC' AS created_at
FROM sources;

CREATE VIEW simple_messages AS
SELECT m.id, m.external_message_id, m.content, a.name AS author, m.sent_at AT TIME ZONE 'UTC' AS sent_at,
       m.source_id, m.created_at AT TIME ZONE 'UTC' AS created_at, nullif(m.avatar_url, '') AS avatar_url, m.analyzed
FROM messages m
JOIN author_names a ON a.id = m.author_name_id;

CREATE VIEW simple_tasks AS
SELECT id, title, description, category, priority, status, source, created_at AT TIME ZONE 'UTC' AS created_at
FROM tasks;
