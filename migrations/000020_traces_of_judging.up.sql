-- Why: the trace of a message went on to its row and ended there; what was made of it later could not be followed.
-- Locks: conversations and outbox for the moment of adding a column with a constant default, which rewrites nothing.

-- The traces (W3C traceparent, parted by blanks, the newest last) of the messages that have come since it was judged;
-- '' where none is sampled.
ALTER TABLE conversations ADD COLUMN trace_parents text NOT NULL DEFAULT '';

-- The trace in which the event is published; '' for none.
ALTER TABLE outbox ADD COLUMN trace_parent text NOT NULL DEFAULT '';
