-- Why: 000008 wrote messages anew, which leaves them without a visibility map; counts by
-- hour read the index alone only with it, and autovacuum comes after many more rows. A
-- file of its own, because VACUUM cannot be part of a transaction.
-- Locks: SHARE UPDATE EXCLUSIVE on messages, seconds for 1,000,000; reads and writes go on.
VACUUM (ANALYZE) messages;
