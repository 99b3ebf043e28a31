-- Why: the release before posted only what a person asked for. What was refused is lost.
-- Locks: as in up.
DELETE FROM analysis_posts WHERE status = 'refused';
DROP INDEX analysis_posts_once_idx;
ALTER TABLE analysis_posts DROP CONSTRAINT analysis_posts_status_known;
ALTER TABLE analysis_posts ADD CONSTRAINT analysis_posts_status_known CHECK (status IN ('unconfirmed', 'sent'));
ALTER TABLE analysis_posts DROP COLUMN posted_by;
