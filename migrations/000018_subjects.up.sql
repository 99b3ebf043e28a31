-- Why: two matters that are brought up in one minute were one conversation, and so one task.
-- Locks: conversation_messages for the moment of adding a column with a constant default, which rewrites nothing.

-- Whether its own words open a subject; of what was grouped before, nobody asked.
ALTER TABLE conversation_messages ADD COLUMN opens boolean NOT NULL DEFAULT false;
