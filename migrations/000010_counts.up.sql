-- Why: what the first page of the dashboard asks for most took time with the number of
-- rows: tasks by status, messages by hour, and whether a word is rare. The first two are
-- now counted as rows come and go, and the last is taken from the planner's statistics.
-- Locks: SHARE ROW EXCLUSIVE on messages and tasks (reads go on, writes wait) while what
-- is there is counted: a second for 1,000,000 messages.

-- The number of messages of a source that were sent in an hour of UTC is the sum of n. As
-- in message_counts there are several rows, so that concurrent writers seldom wait.
CREATE TABLE message_hours (
    source_id bigint      NOT NULL,
    sent_hour timestamptz NOT NULL,
    shard     int         NOT NULL,
    n         bigint      NOT NULL,
    PRIMARY KEY (source_id, sent_hour, shard)
) WITH (fillfactor = 80);

-- The number of tasks of a kind is the sum of n.
CREATE TABLE task_counts (
    shard    int    NOT NULL,
    status   text   NOT NULL,
    category text   NOT NULL,
    priority text   NOT NULL,
    n        bigint NOT NULL,
    PRIMARY KEY (shard, status, category, priority)
) WITH (fillfactor = 50);

-- The sum of renames grows with every change that may leave an author's name without
-- messages: while it stays, a name that had messages has them still.
ALTER TABLE message_counts ADD COLUMN renames bigint NOT NULL DEFAULT 0;

CREATE FUNCTION messages_count_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message_counts SET renames = renames + 1 WHERE shard = pg_backend_pid() % 32;
    RETURN NULL;
END
$$;
CREATE TRIGGER messages_count_renamed AFTER UPDATE OF author_name_id ON messages
    FOR EACH ROW WHEN (OLD.author_name_id <> NEW.author_name_id) EXECUTE FUNCTION messages_count_renamed();

CREATE OR REPLACE FUNCTION messages_count_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message_counts SET n = n + (SELECT count(*) FROM changed) WHERE shard = pg_backend_pid() % 32;
    -- In one order, so that two writers of one shard cannot wait for each other.
    INSERT INTO message_hours AS h (source_id, sent_hour, shard, n)
    SELECT source_id, date_bin('1 hour', sent_at, '2000-01-01Z') AS sent_hour, pg_backend_pid() % 8, count(*)
    FROM changed GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (source_id, sent_hour, shard) DO UPDATE SET n = h.n + excluded.n;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION messages_count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message_counts SET n = n - (SELECT count(*) FROM changed), renames = renames + 1 WHERE shard = pg_backend_pid() % 32;
    INSERT INTO message_hours AS h (source_id, sent_hour, shard, n)
    SELECT source_id, date_bin('1 hour', sent_at, '2000-01-01Z') AS sent_hour, pg_backend_pid() % 8, -count(*)
    FROM changed GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (source_id, sent_hour, shard) DO UPDATE SET n = h.n + excluded.n;
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION messages_count_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE message_counts SET n = 0, renames = renames + 1;
    DELETE FROM message_hours;
    RETURN NULL;
END
$$;
-- What moves a message to another time or source is counted where it is now. Nothing of
-- this system does.
CREATE FUNCTION messages_count_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO message_hours AS h (source_id, sent_hour, shard, n)
    SELECT source_id, date_bin('1 hour', sent_at, '2000-01-01Z') AS sent_hour, pg_backend_pid() % 8, sum(change)
    FROM (VALUES (OLD.source_id, OLD.sent_at, -1), (NEW.source_id, NEW.sent_at, 1)) AS moved (source_id, sent_at, change)
    GROUP BY 1, 2 ORDER BY 1, 2
    ON CONFLICT (source_id, sent_hour, shard) DO UPDATE SET n = h.n + excluded.n;
    RETURN NULL;
END
$$;
CREATE TRIGGER messages_count_moved AFTER UPDATE OF source_id, sent_at ON messages
    FOR EACH ROW WHEN ((OLD.source_id, OLD.sent_at) IS DISTINCT FROM (NEW.source_id, NEW.sent_at)) EXECUTE FUNCTION messages_count_moved();

CREATE FUNCTION tasks_count_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO task_counts AS t (shard, status, category, priority, n)
    SELECT pg_backend_pid() % 8, status, category, priority, count(*) FROM added GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
    ON CONFLICT (shard, status, category, priority) DO UPDATE SET n = t.n + excluded.n;
    RETURN NULL;
END
$$;
CREATE FUNCTION tasks_count_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO task_counts AS t (shard, status, category, priority, n)
    SELECT pg_backend_pid() % 8, status, category, priority, sum(change)
    FROM (SELECT status, category, priority, 1 AS change FROM added
          UNION ALL SELECT status, category, priority, -1 FROM removed) AS changed
    GROUP BY 2, 3, 4 HAVING sum(change) <> 0 ORDER BY 2, 3, 4
    ON CONFLICT (shard, status, category, priority) DO UPDATE SET n = t.n + excluded.n;
    RETURN NULL;
END
$$;
CREATE FUNCTION tasks_count_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO task_counts AS t (shard, status, category, priority, n)
    SELECT pg_backend_pid() % 8, status, category, priority, -count(*) FROM removed GROUP BY 2, 3, 4 ORDER BY 2, 3, 4
    ON CONFLICT (shard, status, category, priority) DO UPDATE SET n = t.n + excluded.n;
    RETURN NULL;
END
$$;
CREATE FUNCTION tasks_count_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM task_counts;
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_count_inserted AFTER INSERT ON tasks
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tasks_count_inserted();
CREATE TRIGGER tasks_count_updated AFTER UPDATE ON tasks
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION tasks_count_updated();
CREATE TRIGGER tasks_count_deleted AFTER DELETE ON tasks
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION tasks_count_deleted();
CREATE TRIGGER tasks_count_truncated AFTER TRUNCATE ON tasks
    FOR EACH STATEMENT EXECUTE FUNCTION tasks_count_truncated();

-- After the triggers, whose locks keep others from writing until the end.
INSERT INTO message_hours (source_id, sent_hour, shard, n)
SELECT source_id, date_bin('1 hour', sent_at, '2000-01-01Z'), 0, count(*) FROM messages GROUP BY 1, 2;
INSERT INTO task_counts (shard, status, category, priority, n)
SELECT 0, status, category, priority, count(*) FROM tasks GROUP BY 2, 3, 4;

-- How many rows PostgreSQL expects a search to find, by its statistics alone. To have them
-- found costs as much as there are, however few are wanted. (EXPLAIN wants VOLATILE.)
CREATE FUNCTION search_expected(searched regclass, query tsquery) RETURNS double precision LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE format('EXPLAIN (FORMAT JSON) SELECT FROM %s WHERE search @@ %L::tsquery', searched, query) INTO plan;
    RETURN (plan -> 0 -> 'Plan' ->> 'Plan Rows')::double precision;
END
$$;
