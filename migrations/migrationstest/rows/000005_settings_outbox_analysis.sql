INSERT INTO webhook_settings (name, config) VALUES ('telegram', '{"telegram": {"host": "t.example.com", "groups": [{"id": -1001234567890, "name": "Team"}]}}');
INSERT INTO settings (key, value) VALUES ('secret', '{"sealed": "v1:AAAA"}');
INSERT INTO outbox (subject, payload, attempts, last_error) VALUES ('events.task.updated', '\x0a0b00', 2, 'no');
INSERT INTO analysis_runs (day, task_id, messages, provider, started_at) VALUES ('2025-06-01', 2, 50, 'local', now() - interval '1 minute');
