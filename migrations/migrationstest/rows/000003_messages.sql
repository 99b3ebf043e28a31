INSERT INTO messages (source_id, author_name_id, sent_at, version_at, version, changed_by_version, chat_id, external_message_id, content,
                      author_id, thread_id, reply_to_external_id, media_group_id, raw, search)
SELECT 1, 1, '2025-06-01 10:00:00.123456Z'::timestamptz + n * interval '1 minute', now(), n, n, '-1001234567890', n::text,
       'Чек № ' || n || E' не друкується\\N\n\tдругий рядок', '42', '5', CASE WHEN n > 1 THEN '1' ELSE '' END, 'g',
       '{"a": [1.50, "ї", null], "b": 12345678901234567890}', to_tsvector('simple', 'чек ' || n)
FROM generate_series(1, 50) AS n;
INSERT INTO messages (source_id, author_name_id, sent_at, edited_at, version_at, chat_id, external_message_id, content, analyzed,
                      is_issue, category, priority, confidence, provider, classified_at, avatar_url)
VALUES (2, 3, '0001-01-01Z', '9999-12-31 23:59:59.999999Z', now(), '', 'a-1', '', true, true, 'bug', 'high', 0.1, 'local', now(), 'https://cdn.example.com/a.png');
UPDATE messages SET content = 'виправлено', edited_at = now() WHERE external_message_id = '7';
