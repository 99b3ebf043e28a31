-- Why: the earlier system's tables are called simple_sources, simple_messages,
-- simple_tasks and webhook_settings. The first three names become views (000007) and
-- the fourth a table of a stricter shape, so its tables step aside under legacy_*.
-- Nothing in them is changed, now or later; 000006 copies their rows.
-- Locks: ACCESS EXCLUSIVE on each, for a change of the catalogue: milliseconds.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['simple_messages', 'simple_tasks', 'simple_sources', 'webhook_settings'] LOOP
        IF EXISTS (SELECT FROM pg_class
                   WHERE relname = name AND relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace) THEN
            EXECUTE format('ALTER TABLE %I RENAME TO %I', name, 'legacy_' || name);
        END IF;
    END LOOP;
END
$$;
