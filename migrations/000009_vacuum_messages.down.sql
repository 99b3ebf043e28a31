-- Why: there is nothing to undo.
-- Locks: none.
SELECT 1;
