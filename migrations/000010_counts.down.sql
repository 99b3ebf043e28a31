-- Why: takes the counts by hour and by kind of task out again; 000003's triggers stay.
-- Locks: ACCESS EXCLUSIVE on messages and tasks, milliseconds.
DROP FUNCTION search_expected(regclass, tsquery);
DROP TRIGGER messages_count_moved ON messages;
DROP FUNCTION messages_count_moved();
DROP TRIGGER tasks_count_inserted ON tasks;
DROP TRIGGER tasks_count_updated ON tasks;
DROP TRIGGER tasks_count_deleted ON tasks;
DROP TRIGGER tasks_count_truncated ON tasks;
DROP FUNCTION tasks_count_inserted();
DROP FUNCTION tasks_count_updated();
DROP FUNCTION tasks_count_deleted();
DROP FUNCTION tasks_count_truncated();
CREATE OR REPLACE FUNCTION messages_count_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message_counts SET n = n + (SELECT count(*) FROM changed) WHERE shard = pg_backend_pid() % 32;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION messages_count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message_counts SET n = n - (SELECT count(*) FROM changed) WHERE shard = pg_backend_pid() % 32;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION messages_count_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message_counts SET n = 0;
    RETURN NULL;
END
$$;
DROP TRIGGER messages_count_renamed ON messages;
DROP FUNCTION messages_count_renamed();
ALTER TABLE message_counts DROP COLUMN renames;
DROP TABLE message_hours;
DROP TABLE task_counts;
