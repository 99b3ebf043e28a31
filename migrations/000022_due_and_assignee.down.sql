-- Why: the release before had no such lists.
-- Locks: ACCESS EXCLUSIVE on tasks, milliseconds.
DROP STATISTICS tasks_assignee_stats;
DROP INDEX tasks_assignee_idx;
DROP INDEX tasks_due_idx;
DROP INDEX tasks_open_idx;
