-- Why: takes the times of closing out again; the history has them still.
-- Locks: ACCESS EXCLUSIVE on tasks, milliseconds.
DROP TRIGGER tasks_note_closed ON tasks;
DROP FUNCTION tasks_note_closed();
ALTER TABLE tasks DROP COLUMN closed_at;
