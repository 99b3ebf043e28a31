-- Why: operators say what the machine may do by itself, and a conversation that is judged while it may do nothing says so.
-- Locks: ACCESS EXCLUSIVE on ai_settings, one row, and on conversations while its rows are read once; half a second for a million.
ALTER TABLE ai_settings ADD COLUMN autonomy text;
ALTER TABLE ai_settings ADD CONSTRAINT ai_settings_autonomy_known CHECK (autonomy IN ('live', 'gated', 'shadow'));
ALTER TABLE conversations DROP CONSTRAINT conversations_decision_known;
ALTER TABLE conversations ADD CONSTRAINT conversations_decision_known CHECK (decision IN ('task', 'proposal', 'noise', 'nothing', 'shadow'));
