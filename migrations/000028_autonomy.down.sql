-- Why: the release before knows no autonomy; it makes tasks of what comes. Nothing had followed from what was judged in shadow.
-- Locks: as in up.
UPDATE conversations SET decision = 'noise' WHERE decision = 'shadow';
ALTER TABLE conversations DROP CONSTRAINT conversations_decision_known;
ALTER TABLE conversations ADD CONSTRAINT conversations_decision_known CHECK (decision IN ('task', 'proposal', 'noise', 'nothing'));
ALTER TABLE ai_settings DROP COLUMN autonomy;
