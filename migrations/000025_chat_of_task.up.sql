-- Why: tasks are listed, counted and put into lanes by the chat that they came from.
-- Locks: ACCESS EXCLUSIVE on tasks while the chats of what is there are filled in: two seconds for 100,000 tasks.

-- The chat of the first message that led to it, under the number that the chat has now; '' for a task of no message. Kept by triggers.
ALTER TABLE tasks ADD COLUMN chat_id text NOT NULL DEFAULT '';

CREATE FUNCTION chat_of_task(task bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(nullif(c.migrated_to_chat, ''), m.chat_id)
    FROM task_messages o
    JOIN messages m ON m.id = o.message_id
    LEFT JOIN chats c ON c.source_id = m.source_id AND c.external_id = m.chat_id
    WHERE o.task_id = task AND o.role = 'origin'
    ORDER BY m.sent_at, m.id
    LIMIT 1
$$;

UPDATE tasks SET chat_id = chat_of_task(id) WHERE EXISTS (SELECT FROM task_messages o WHERE o.task_id = tasks.id AND o.role = 'origin');

CREATE FUNCTION tasks_follow_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tasks t SET chat_id = w.chat_id
    FROM (SELECT c.task_id, coalesce(chat_of_task(c.task_id), '') AS chat_id FROM (SELECT DISTINCT task_id FROM changed WHERE role = 'origin') c) AS w
    WHERE t.id = w.task_id AND t.chat_id <> w.chat_id;
    RETURN NULL;
END
$$;
CREATE FUNCTION tasks_follow_moved_messages() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tasks t SET chat_id = w.chat_id
    FROM (SELECT c.task_id, coalesce(chat_of_task(c.task_id), '') AS chat_id
          FROM (SELECT task_id FROM changed WHERE role = 'origin' UNION SELECT task_id FROM was WHERE role = 'origin') c) AS w
    WHERE t.id = w.task_id AND t.chat_id <> w.chat_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_follow_new_messages AFTER INSERT ON task_messages
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tasks_follow_messages();
CREATE TRIGGER tasks_follow_gone_messages AFTER DELETE ON task_messages
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tasks_follow_messages();
CREATE TRIGGER tasks_follow_moved_messages AFTER UPDATE ON task_messages
    REFERENCING OLD TABLE AS was NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION tasks_follow_moved_messages();

-- A group that became a supergroup has another number; its tasks are that one's.
CREATE FUNCTION tasks_follow_chat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tasks SET chat_id = NEW.migrated_to_chat WHERE chat_id = NEW.external_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER tasks_follow_chat AFTER INSERT OR UPDATE OF migrated_to_chat ON chats
    FOR EACH ROW WHEN (NEW.migrated_to_chat <> '') EXECUTE FUNCTION tasks_follow_chat();

CREATE INDEX tasks_chat_idx ON tasks (chat_id, created_at, id);

CREATE OR REPLACE VIEW task_details AS
SELECT t.id, t.title, t.description, t.category, t.priority, t.status, t.source, t.ai_generated, t.confidence,
       t.assignee, t.due_at, t.labels, t.created_at, t.updated_at,
       ARRAY(SELECT m.message_id FROM task_messages m WHERE m.task_id = t.id ORDER BY m.message_id LIMIT 1000)::bigint[]
           AS source_message_ids,
       coalesce(t.duplicate_of_id, 0)::bigint AS duplicate_of_id,
       ((SELECT count(*) FROM task_links l WHERE l.task_id = t.id AND l.status = 'open' AND l.other_task_id IS NOT NULL)
        + (SELECT count(*) FROM task_links l WHERE l.other_task_id = t.id AND l.status = 'open'))::int AS open_links,
       -- The fields that the machine filled and no person has changed or confirmed; a person who
       -- accepted the task as proposed has confirmed all.
       CASE WHEN t.ai_generated AND t.source <> 'analysis' THEN ARRAY(
           SELECT f.field
           FROM unnest(ARRAY['title', 'description', 'category', 'priority',
                             CASE WHEN t.assignee IS NOT NULL THEN 'assignee' END,
                             CASE WHEN t.due_at IS NOT NULL THEN 'due_at' END]) WITH ORDINALITY AS f (field, n)
           WHERE f.field IS NOT NULL
             AND NOT EXISTS (SELECT FROM task_history h WHERE h.task_id = t.id AND h.actor_kind = 'user' AND h.field IN (f.field, 'created'))
           ORDER BY f.n)
       ELSE '{}' END::text[] AS unconfirmed,
       t.chat_id,
       coalesce((SELECT c.name FROM sources s JOIN chats c ON c.source_id = s.id AND c.external_id = t.chat_id
                 WHERE c.name <> '' ORDER BY s.id LIMIT 1), '')::text AS chat_name
FROM tasks t;
