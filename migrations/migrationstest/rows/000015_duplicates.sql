INSERT INTO tasks (id, title, category, priority, status, source, terms, duplicate_of_id) VALUES
    (9001, 'Експорт завис', 'bug', 'high', 'open', 'telegram', '{=export,"завис, \"зовсім\""}', NULL),
    (9002, 'Export hangs', 'bug', 'high', 'cancelled', 'telegram', NULL, 9001);
INSERT INTO task_links (task_id, other_task_id, status, score, reason, shared, previous, decided_by, decided_at)
VALUES (9001, 9002, 'merged', 0.9, 'Both say: export.', '{export}', '{"status": "open"}', 'api', now());
INSERT INTO feedback (kind, task_id, link_id, reason, actor) SELECT 'same', 9001, id, 'Both say: export.', 'api' FROM task_links;
UPDATE ai_settings SET duplicate_sure_threshold = 0.9, duplicate_likely_threshold = 0.5;
