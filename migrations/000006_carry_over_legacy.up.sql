-- Why: copies every row of the earlier system's tables, where 000001 found them. Ids
-- are kept. A value that the new tables refuse becomes the nearest that they take;
-- what it was stays readable in legacy_*. In particular:
--   * times without a zone are UTC; infinite, missing or unspeakable ones fall back to
--     created_at, then to 1970-01-01 (messages) or to now (tasks, settings);
--   * of several messages of a source with one external id, the first keeps chat_id '',
--     the others get chat_id 'legacy-<id>', so that all stay and keep their external id;
--   * a message without an external id gets 'legacy-<id>';
--   * a message whose source is missing gets one named 'unknown' or 'unknown-<source id>';
--     the second source of one name becomes '<name>-<id>';
--   * an avatar_url that is no http(s) URL, or that is a Telegram file URL (which holds
--     the bot token), is left out;
--   * unknown statuses become open, categories chore, priorities medium; titles are cut
--     at 200 characters, and an empty one becomes '(untitled)'.
-- Locks: ACCESS SHARE on legacy_*, held for the copy: about a minute for 1,000,000
-- messages. Nobody reads the new tables yet.

CREATE FUNCTION pg_temp.utc(t timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN isfinite(t) AND t >= '0001-01-01Z'::timestamptz AND t < '10000-01-01Z'::timestamptz THEN t END
$$;
CREATE FUNCTION pg_temp.utc(t timestamp) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN isfinite(t) AND t >= '0001-01-01'::timestamp AND t < '10000-01-01'::timestamp THEN t AT TIME ZONE 'UTC' END
$$;

-- The name, or where it is taken the name with the id behind it, once or more.
CREATE FUNCTION pg_temp.free_source_name(wanted text, id bigint) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM sources WHERE name = wanted) LOOP
        wanted := wanted || '-' || id;
    END LOOP;
    RETURN wanted;
END
$$;

DO $$
DECLARE
    source record;
BEGIN
    IF to_regclass('legacy_simple_sources') IS NULL THEN
        RETURN;
    END IF;
    FOR source IN SELECT * FROM legacy_simple_sources ORDER BY id LOOP
        INSERT INTO sources (id, name, created_at)
        VALUES (source.id,
                pg_temp.free_source_name(coalesce(nullif(btrim(source.name::text), ''), 'unknown'), source.id),
                coalesce(pg_temp.utc(source.created_at), now()));
    END LOOP;
END
$$;

DO $$
DECLARE
    sourceless bigint;
BEGIN
    PERFORM setval(pg_get_serial_sequence('sources', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM sources;
    IF to_regclass('legacy_simple_messages') IS NULL THEN
        RETURN;
    END IF;

    INSERT INTO sources (id, name)
    SELECT id, pg_temp.free_source_name('unknown-' || id, id)
    FROM (SELECT DISTINCT source_id AS id FROM legacy_simple_messages WHERE source_id IS NOT NULL) AS m
    WHERE NOT EXISTS (SELECT FROM sources s WHERE s.id = m.id);
    PERFORM setval(pg_get_serial_sequence('sources', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM sources;
    IF EXISTS (SELECT FROM legacy_simple_messages WHERE source_id IS NULL) THEN
        INSERT INTO sources (name) VALUES ('unknown') ON CONFLICT (name) DO UPDATE SET name = excluded.name
        RETURNING id INTO sourceless;
    END IF;

    INSERT INTO author_names (source_id, name)
    SELECT DISTINCT coalesce(source_id, sourceless), coalesce(author::text, '') FROM legacy_simple_messages;

    INSERT INTO messages (id, source_id, author_name_id, sent_at, version_at, created_at, has_words, analyzed,
                          chat_id, external_message_id, content, avatar_url)
    SELECT m.id, m.source, a.id, m.sent, m.sent, coalesce(m.created, now()), m.content <> '', coalesce(m.analyzed, false),
           CASE WHEN row_number() OVER (PARTITION BY m.source, m.external_id ORDER BY m.id) = 1 THEN '' ELSE 'legacy-' || m.id END,
           m.external_id, m.content,
           CASE WHEN m.avatar_url ~* '^https?://' AND m.avatar_url !~* '/bot[0-9]+(:|%3a)' THEN m.avatar_url ELSE '' END
    FROM (SELECT id, analyzed,
                 coalesce(source_id, sourceless) AS source,
                 coalesce(nullif(external_message_id::text, ''), 'legacy-' || id) AS external_id,
                 coalesce(content::text, '') AS content,
                 coalesce(author::text, '') AS author,
                 coalesce(avatar_url::text, '') AS avatar_url,
                 coalesce(pg_temp.utc(sent_at), pg_temp.utc(created_at), '1970-01-01Z') AS sent,
                 pg_temp.utc(created_at) AS created
          FROM legacy_simple_messages) AS m
    JOIN author_names a ON a.source_id = m.source AND md5(a.name) = md5(m.author);
    PERFORM setval(pg_get_serial_sequence('messages', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM messages;
END
$$;

DO $$
BEGIN
    IF to_regclass('legacy_simple_tasks') IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO tasks (id, title, description, category, priority, status, source, created_at, updated_at)
    SELECT id,
           coalesce(nullif(left(btrim(title::text), 200), ''), '(untitled)'),
           coalesce(description::text, ''),
           CASE WHEN category IN ('bug', 'feature', 'improvement', 'question', 'chore', 'summary') THEN category
                WHEN category IN ('bugs', 'error', 'issue', 'incident', 'defect') THEN 'bug'
                WHEN category IN ('features', 'feature_request', 'new_feature') THEN 'feature'
                WHEN category IN ('improvements', 'enhancement', 'refactoring') THEN 'improvement'
                WHEN category IN ('questions', 'support', 'help') THEN 'question'
                ELSE 'chore' END,
           CASE WHEN priority IN ('low', 'medium', 'high', 'critical') THEN priority
                WHEN priority IN ('urgent', 'highest', 'blocker') THEN 'critical'
                WHEN priority IN ('major', 'important') THEN 'high'
                WHEN priority IN ('minor', 'lowest', 'trivial') THEN 'low'
                ELSE 'medium' END,
           CASE WHEN status IN ('open', 'pending', 'in_progress', 'completed', 'cancelled') THEN status
                WHEN status IN ('done', 'closed', 'resolved', 'complete', 'finished') THEN 'completed'
                WHEN status IN ('inprogress', 'doing', 'started', 'active') THEN 'in_progress'
                WHEN status IN ('canceled', 'rejected', 'wontfix') THEN 'cancelled'
                WHEN status IN ('waiting', 'accepted', 'on_hold', 'blocked') THEN 'pending'
                ELSE 'open' END,
           coalesce(nullif(btrim(source::text), ''), 'unknown'),
           created, created
    FROM (SELECT id, title, description, source,
                 regexp_replace(lower(btrim(category::text)), '[ -]+', '_', 'g') AS category,
                 regexp_replace(lower(btrim(priority::text)), '[ -]+', '_', 'g') AS priority,
                 regexp_replace(lower(btrim(status::text)), '[ -]+', '_', 'g') AS status,
                 coalesce(pg_temp.utc(created_at), now()) AS created
          FROM legacy_simple_tasks) AS t;
    PERFORM setval(pg_get_serial_sequence('tasks', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM tasks;
END
$$;

DO $$
BEGIN
    IF to_regclass('legacy_webhook_settings') IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO webhook_settings (id, name, config, is_active, created_at, updated_at)
    SELECT id, coalesce(nullif(btrim(name::text), ''), 'telegram'),
           CASE WHEN jsonb_typeof(config::jsonb) = 'object' THEN config::jsonb ELSE '{}' END,
           coalesce(is_active, false),
           coalesce(pg_temp.utc(created_at), now()),
           coalesce(pg_temp.utc(updated_at), pg_temp.utc(created_at), now())
    FROM legacy_webhook_settings;
    PERFORM setval(pg_get_serial_sequence('webhook_settings', 'id'), greatest(max(id), 1), max(id) IS NOT NULL) FROM webhook_settings;
END
$$;

DROP FUNCTION pg_temp.utc(timestamptz);
DROP FUNCTION pg_temp.utc(timestamp);
DROP FUNCTION pg_temp.free_source_name(text, bigint);
