-- Why: the release before traces no judging; traces that are open end there.
-- Locks: conversations and outbox for a moment.
ALTER TABLE conversations DROP COLUMN trace_parents;
ALTER TABLE outbox DROP COLUMN trace_parent;
