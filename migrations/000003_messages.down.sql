-- Why: removes what the up made, with what was stored there since.
-- Locks: ACCESS EXCLUSIVE on each table, as long as deleting their files takes.
DROP TABLE message_edits;
DROP TABLE messages;
DROP TABLE message_counts;
DROP FUNCTION messages_keep_edit();
DROP FUNCTION messages_count_inserted();
DROP FUNCTION messages_count_deleted();
DROP FUNCTION messages_count_truncated();
