-- Why: the release before asks for none of it.
-- Locks: as in up.
DROP VIEW ai_decisions;
DROP FUNCTION messages_reached(int, bigint);
DROP FUNCTION message_reached(bigint);
