-- Why: removes what the up made, with what was stored there since.
-- Locks: ACCESS EXCLUSIVE on each table, milliseconds.
DROP TABLE task_history;
DROP TABLE task_messages;
DROP TABLE tasks;
