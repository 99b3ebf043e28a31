-- Why: there is nothing to undo. The rows that the up copied go with their tables
-- (000002 to 000005), and their originals were never touched (000001 puts them back).
-- Locks: none.
SELECT 1;
