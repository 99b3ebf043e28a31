-- Why: removes the views; 000001 gives the names back to the tables that had them.
-- Locks: ACCESS EXCLUSIVE on each view, milliseconds.
DROP VIEW simple_tasks;
DROP VIEW simple_messages;
DROP VIEW simple_sources;
DROP VIEW task_details;
DROP VIEW message_details;
DROP FUNCTION tasks_found(tsquery, bigint);
DROP FUNCTION messages_found(tsquery, bigint);
