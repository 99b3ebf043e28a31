-- Why: the release before had the defaults.
-- Locks: none that anyone could wait for.
ALTER TABLE conversation_messages RESET (fillfactor);
ALTER INDEX tasks_search_idx RESET (fastupdate);
ALTER INDEX tasks_terms_idx RESET (fastupdate);
