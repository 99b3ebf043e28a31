-- Why: judging slowed down with the tasks that were made of late: every search for what says the same read through all
-- that waited to be put into the index. And a message's place is written anew when it is judged, which its five indexes need not know.
-- Locks: tasks for as long as it takes to put what waits into the index: milliseconds; nothing is rewritten.
ALTER INDEX tasks_terms_idx SET (fastupdate = off);
ALTER INDEX tasks_search_idx SET (fastupdate = off);
SELECT gin_clean_pending_list('tasks_terms_idx'), gin_clean_pending_list('tasks_search_idx');

-- Room on the same page for the judged row; of pages that are filled from now on.
ALTER TABLE conversation_messages SET (fillfactor = 50);
