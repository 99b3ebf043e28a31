-- Why: the release before does not know what opens a subject; what is grouped stays so.
-- Locks: conversation_messages for a moment.
ALTER TABLE conversation_messages DROP COLUMN opens;
