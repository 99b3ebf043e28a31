INSERT INTO tasks (title, description, category, priority, status, source, ai_generated, confidence, assignee, due_at, labels, search)
VALUES ('Полагодити друк', 'опис', 'bug', 'high', 'in_progress', 'telegram', true, 0.87654321, 'Оля', now(), '{"каса","з комою, і \"лапками\""}', to_tsvector('simple', 'друк')),
       ('Друга', '', 'chore', 'low', 'open', 'api', false, NULL, NULL, NULL, '{}', NULL);
INSERT INTO task_messages (task_id, message_id, role) VALUES (1, 1, 'origin'), (1, 2, 'summary');
INSERT INTO task_history (task_id, field, old_value, new_value, actor_kind, actor_name)
VALUES (1, 'created', NULL, NULL, 'ai', ''), (1, 'status', 'open', 'in_progress', 'user', 'Оля');
