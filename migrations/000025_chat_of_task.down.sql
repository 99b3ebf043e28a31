-- Why: the release before had no such lists.
-- Locks: ACCESS EXCLUSIVE on tasks, task_messages and chats, milliseconds.
DROP VIEW task_details;
CREATE VIEW task_details AS
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
       ELSE '{}' END::text[] AS unconfirmed
FROM tasks t;
DROP TRIGGER tasks_follow_chat ON chats;
DROP TRIGGER tasks_follow_moved_messages ON task_messages;
DROP TRIGGER tasks_follow_gone_messages ON task_messages;
DROP TRIGGER tasks_follow_new_messages ON task_messages;
DROP FUNCTION tasks_follow_chat();
DROP FUNCTION tasks_follow_moved_messages();
DROP FUNCTION tasks_follow_messages();
DROP FUNCTION chat_of_task(bigint);
ALTER TABLE tasks DROP COLUMN chat_id;
