-- Why: the release before posted no summaries. What was posted where is lost.
-- Locks: ACCESS EXCLUSIVE on analysis_posts, milliseconds.
DROP TABLE analysis_posts;
