-- Why: removes what the up made, with what was stored there since.
-- Locks: ACCESS EXCLUSIVE on each table, milliseconds.
DROP TABLE analysis_runs;
DROP TABLE outbox;
DROP FUNCTION outbox_notify();
DROP TABLE settings;
DROP TABLE webhook_settings;
