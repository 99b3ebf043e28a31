-- Why: the release before has no use for the function.
-- Locks: none that anyone could wait for; milliseconds.
DROP FUNCTION messages_hits(tsquery, bigint);
