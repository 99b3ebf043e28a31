INSERT INTO chat_threads (source_id, chat_id, thread_id) SELECT id, '-1001', '' FROM sources ORDER BY id LIMIT 1;
INSERT INTO conversations (id, chat_thread_id, first_at, last_at, messages, version, judged_version, judge_at, changed_at, held_since, attempts,
                           is_issue, category, priority, confidence, provider, model, prompt_version, quote, reason, signals, decision, explanation, judged_at)
VALUES (1, 1, now(), now(), 2, 3, 2, now(), now(), NULL, 1, true, 'bug', 'high', 0.87654321, 'local', 'm', '1', 'не друкує', 'It says so.', '{"outage","з комою, і \"лапками\""}',
        'task', '0.88 is at least 0.75: a task', now());
INSERT INTO conversation_messages (message_id, chat_thread_id, sent_at, position, author_id, reply_to, media_group_id, burst_id, conversation_id, content_at, content_version, judged, verdict)
VALUES (1, 1, now(), 1, '42', 0, '', 1, 1, now(), 1, true, '{"is_issue": true}'), (2, 1, now(), 2, '43', 1, 'a', 1, 1, now(), 1, false, NULL);
INSERT INTO conversation_tasks (conversation_id, task_id) VALUES (1, 1);
INSERT INTO classification_attempts (conversation_id, version, provider, is_issue, category, priority, confidence, signals, decision, error)
VALUES (1, 2, 'local', true, 'bug', 'high', 0.87654321, '{outage}', 'task', 'the model server did not answer');
INSERT INTO proposals (conversation_id, status, title, category, priority, confidence, source, snoozed_until, task_id, previous)
VALUES (1, 'snoozed', 'Полагодити друк', 'bug', 'high', 0.5, 'telegram', now(), 1, '{"status": "pending"}');
INSERT INTO feedback (kind, message_id, conversation_id, task_id, proposal_id, machine_is_issue, machine_confidence, is_issue, category, actor)
VALUES ('noise', 1, 1, 1, 1, true, 0.5, false, '', 'api');
