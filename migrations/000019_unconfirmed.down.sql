-- Why: the release before knows no such field.
-- Locks: as in up.
DROP VIEW task_details;
CREATE VIEW task_details AS
SELECT t.id, t.title, t.description, t.category, t.priority, t.status, t.source, t.ai_generated, t.confidence,
       t.assignee, t.due_at, t.labels, t.created_at, t.updated_at,
       ARRAY(SELECT m.message_id FROM task_messages m WHERE m.task_id = t.id ORDER BY m.message_id LIMIT 1000)::bigint[]
           AS source_message_ids,
       coalesce(t.duplicate_of_id, 0)::bigint AS duplicate_of_id,
       ((SELECT count(*) FROM task_links l WHERE l.task_id = t.id AND l.status = 'open' AND l.other_task_id IS NOT NULL)
        + (SELECT count(*) FROM task_links l WHERE l.other_task_id = t.id AND l.status = 'open'))::int AS open_links
FROM tasks t;
