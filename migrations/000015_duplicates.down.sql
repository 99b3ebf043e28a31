-- Why: removes what the up made. What was merged stays cancelled, and its messages stay where they are.
-- Locks: ACCESS EXCLUSIVE on tasks, feedback and ai_settings, milliseconds.
ALTER TABLE ai_settings DROP COLUMN duplicate_sure_threshold, DROP COLUMN duplicate_likely_threshold;
DELETE FROM feedback WHERE kind IN ('same', 'different', 'split');
ALTER TABLE feedback DROP CONSTRAINT feedback_kind_known;
ALTER TABLE feedback ADD CONSTRAINT feedback_kind_known
    CHECK (kind IN ('accept', 'reject', 'category', 'priority', 'merge', 'noise', 'task'));
ALTER TABLE feedback DROP COLUMN link_id;
DROP VIEW task_details;
CREATE VIEW task_details AS
SELECT t.id, t.title, t.description, t.category, t.priority, t.status, t.source, t.ai_generated, t.confidence,
       t.assignee, t.due_at, t.labels, t.created_at, t.updated_at,
       ARRAY(SELECT m.message_id FROM task_messages m WHERE m.task_id = t.id ORDER BY m.message_id LIMIT 1000)::bigint[]
           AS source_message_ids
FROM tasks t;
DROP VIEW task_link_details;
DROP TABLE task_links;
DROP TRIGGER tasks_merge_in_no_circle ON tasks;
DROP FUNCTION tasks_merge_in_no_circle();
ALTER TABLE tasks DROP COLUMN terms, DROP COLUMN duplicate_of_id;
DROP FUNCTION kept_task(bigint);
