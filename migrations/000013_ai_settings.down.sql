-- Why: takes the settings of the provider out again; the environment's count from then on. The key
-- of a model server goes with them.
-- Locks: ACCESS EXCLUSIVE on the tables that go; milliseconds.
DROP TABLE ai_tokens;
DROP TABLE ai_settings;
