-- Why: gives the earlier system its tables back, as they were.
-- Locks: ACCESS EXCLUSIVE on each, for a change of the catalogue: milliseconds.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['simple_messages', 'simple_tasks', 'simple_sources', 'webhook_settings'] LOOP
        IF to_regclass(format('%I.%I', current_schema(), 'legacy_' || name)) IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %I RENAME TO %I', 'legacy_' || name, name);
        END IF;
    END LOOP;
END
$$;
