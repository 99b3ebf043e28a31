-- Why: the release before notes a post when it tries it again.
-- Locks: as in up.
DELETE FROM analysis_posts WHERE status = 'waiting';
ALTER TABLE analysis_posts DROP CONSTRAINT analysis_posts_status_known;
ALTER TABLE analysis_posts ADD CONSTRAINT analysis_posts_status_known
    CHECK (status IN ('unconfirmed', 'sent') OR (status = 'refused' AND posted_by = 'schedule'));
