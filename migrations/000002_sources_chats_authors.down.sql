-- Why: removes what the up made, with what was stored there since.
-- Locks: ACCESS EXCLUSIVE on each table, milliseconds.
DROP TABLE author_names;
DROP TABLE avatars;
DROP TABLE authors;
DROP TABLE topics;
DROP TABLE chats;
DROP TABLE sources;
