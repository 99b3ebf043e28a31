INSERT INTO analysis_runs (status, requested_by, sent_from, sent_to, chats, scheduled_for, messages, processed, checkpoint, lease_until, claims, attempts, started_at)
VALUES ('running', 'schedule', '2025-06-01', '2025-06-02', '{"-1001", "з комою, і \"лапками\""}', '2025-06-02', 50, 10, '{"central": [1]}', now(), 2, 1, now());
INSERT INTO analysis_runs (status, sent_from, sent_to, messages, processed, started_at, finished_at, summary)
VALUES ('completed', '2025-06-01', '2025-06-02', 2, 2, now(), now(), '{"language": "uk"}');
