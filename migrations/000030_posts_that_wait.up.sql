-- Why: a summary that Telegram could not take yet is seen at its run, with why, while it is tried again.
-- Locks: ACCESS EXCLUSIVE on analysis_posts while its rows, a few for each run, are read once; milliseconds.
ALTER TABLE analysis_posts DROP CONSTRAINT analysis_posts_status_known;
ALTER TABLE analysis_posts ADD CONSTRAINT analysis_posts_status_known
    CHECK (status IN ('unconfirmed', 'sent') OR (status IN ('refused', 'waiting') AND posted_by = 'schedule'));
