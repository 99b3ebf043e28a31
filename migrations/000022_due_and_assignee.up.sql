-- Why: the lists of what is overdue, due soon or without a due date, and of what somebody has.
-- Locks: SHARE on tasks, so that writes wait, while the indexes are made: half a second for 200,000 tasks.

-- In the order of the list: what is open may be a small part of all.
CREATE INDEX tasks_open_idx ON tasks (created_at, id) WHERE closed_at IS NULL;
CREATE INDEX tasks_due_idx ON tasks (due_at) WHERE closed_at IS NULL AND due_at IS NOT NULL;
-- Of closed ones too: who asks for a name asks for all that person's.
CREATE INDEX tasks_assignee_idx ON tasks (lower(assignee), created_at, id) WHERE assignee IS NOT NULL;
-- How common a name is; of an index that has not all rows PostgreSQL does not take it.
CREATE STATISTICS tasks_assignee_stats ON lower(assignee) FROM tasks;
ANALYZE tasks;
