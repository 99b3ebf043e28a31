-- 1,000,000 messages of two years in 3 sources (one of them rare), 1,000 chats and 5,000
-- authors, with a skew: a few chats and authors write most. Words are common (каса), rare
-- (деплой) or unique (LL-<n>). 200,000 tasks beside them, of which a third came from a message; few of those are completed.
--
-- The indexes are dropped for the load and made again, by their definitions.
INSERT INTO sources (name) VALUES ('telegram'), ('api'), ('mail');
INSERT INTO author_names (source_id, name) SELECT 1 + (g % 20 = 0)::int, 'Author ' || g FROM generate_series(1, 5000) g;
INSERT INTO author_names (source_id, name) VALUES (3, 'Mailer');
INSERT INTO authors (source_id, external_id, name) SELECT source_id, id::text, name FROM author_names;
INSERT INTO chats (source_id, external_id, name) SELECT 1, (-g)::text, 'Chat ' || g FROM generate_series(1, 1000) g;
CREATE TEMP TABLE dropped AS SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename IN ('messages', 'tasks') AND indexname NOT LIKE '%_pkey' AND indexname <> 'messages_identity_unique';
DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM dropped LOOP EXECUTE 'DROP INDEX ' || r.indexname; END LOOP; END $$;
ALTER TABLE messages DISABLE TRIGGER USER;
ALTER TABLE messages DROP CONSTRAINT messages_author_name_of_source;
INSERT INTO messages (source_id, author_name_id, author_id, sent_at, version_at, chat_id, external_message_id, content,
                      is_issue, category, priority, confidence, provider, classified_at, analyzed, reply_to_external_id, search)
SELECT n.source_id, n.id, n.id::text, t, t, (-(1 + floor(1000 * power(random(), 3))))::bigint::text, g::text, 'каса ' || g,
       CASE WHEN c THEN g % 10 = 0 END, CASE WHEN c THEN CASE WHEN g % 10 = 0 THEN (ARRAY['bug','feature','question'])[1 + g % 3] ELSE '' END END,
       CASE WHEN c THEN 'low' END, CASE WHEN c THEN 0.5 END, CASE WHEN c THEN 'local' END, CASE WHEN c THEN t END,
       g % 50 <> 0, CASE WHEN g % 9 = 0 THEN (g - 3)::text ELSE '' END,
       array_to_tsvector(array_remove(ARRAY['author', 'кас', 'll', 'll-' || g, CASE WHEN g % 5000 = 0 THEN 'депло' END,
                                            'w' || g % 700, 'v' || g % 90], NULL))
FROM generate_series(1, 1000000) g
CROSS JOIN LATERAL (SELECT timestamptz '2026-03-01Z' - (1000000 - g) * interval '63 seconds' AS t, g % 100 <> 0 AS c) AS x
JOIN author_names n ON n.id = CASE WHEN g % 100000 = 0 THEN 5001 ELSE 1 + (g::bigint * g % 4999) * (g % 7) % 5000 END;
INSERT INTO tasks (title, category, priority, status, source, assignee, due_at, created_at, search)
SELECT 'Task ' || g, (ARRAY['bug','feature','improvement','question','chore','summary'])[1 + g % 6],
       (ARRAY['low','medium','high','critical'])[1 + (g / 7) % 4],
       (ARRAY['completed','completed','completed','open','pending','in_progress','cancelled'])[1 + (g / 3) % 7],
       CASE WHEN g % 2000 = 0 THEN 'api' ELSE 'telegram' END,
       CASE WHEN g % 1000 = 1 THEN 'Rare' WHEN g % 11 < 3 THEN 'Олена' END, CASE WHEN g % 5 = 0 THEN t + interval '30 days' END, t,
       array_to_tsvector(ARRAY['task', 'll-' || g])
FROM generate_series(1, 200000) g
CROSS JOIN LATERAL (SELECT timestamptz '2026-03-01Z' - (200000 - g) * interval '5 minutes' AS t) AS x;
ALTER TABLE task_messages DISABLE TRIGGER USER;
INSERT INTO task_messages (task_id, message_id) SELECT id, id * 5 + id / 3 % 11 FROM tasks WHERE id % 3 = 0 AND (status <> 'completed' OR id % 60 = 0);
ALTER TABLE messages ENABLE TRIGGER USER;
ALTER TABLE task_messages ENABLE TRIGGER USER;
-- What the trigger does, which for so many at once, of a table without statistics, takes two minutes.
UPDATE tasks SET chat_id = m.chat_id FROM task_messages o JOIN messages m ON m.id = o.message_id WHERE o.task_id = tasks.id;
UPDATE message_counts SET n = 1000000 WHERE shard = 0;
INSERT INTO message_hours SELECT source_id, date_bin('1 hour', sent_at, '2000-01-01Z'), 0, count(*) FROM messages GROUP BY 1, 2;
ALTER TABLE messages ADD CONSTRAINT messages_author_name_of_source FOREIGN KEY (author_name_id, source_id) REFERENCES author_names (id, source_id);
SET maintenance_work_mem = '256MB';
DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM dropped LOOP EXECUTE r.indexdef; END LOOP; END $$;
