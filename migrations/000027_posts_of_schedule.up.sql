-- Why: the summary of a run of the schedule is posted by itself, once to each chat, and a run says where that was refused.
-- Locks: ACCESS EXCLUSIVE on analysis_posts while its rows, a few for each run, are read twice; milliseconds.

-- As analysis_runs.requested_by.
ALTER TABLE analysis_posts ADD COLUMN posted_by text NOT NULL DEFAULT 'user';
ALTER TABLE analysis_posts ADD CONSTRAINT analysis_posts_posted_by_known CHECK (posted_by IN ('user', 'schedule'));
-- What a person posts and Telegram refuses is told at once, and not kept.
ALTER TABLE analysis_posts DROP CONSTRAINT analysis_posts_status_known;
ALTER TABLE analysis_posts ADD CONSTRAINT analysis_posts_status_known
    CHECK (status IN ('unconfirmed', 'sent') OR (status = 'refused' AND posted_by = 'schedule'));
-- However often a job comes, and to however many workers, a chat gets a summary once. A person may post it again.
CREATE UNIQUE INDEX analysis_posts_once_idx ON analysis_posts (run_id, group_id, coalesce(topic_id, '')) WHERE posted_by = 'schedule';
