-- Why: takes conversations, verdicts, proposals and corrections out again; tasks and the
-- classification of messages stay.
-- Locks: ACCESS EXCLUSIVE on the tables that go; milliseconds.
DROP TABLE feedback;
DROP TABLE proposals;
DROP TABLE classification_attempts;
DROP TABLE conversation_tasks;
DROP TABLE conversation_messages;
DROP TABLE conversations;
DROP TABLE chat_threads;
