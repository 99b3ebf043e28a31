INSERT INTO analysis_posts (run_id, group_id, text, posted_by, status, error, fix, cause_code)
SELECT max(id), -1002, 'Підсумок', 'schedule', 'waiting', 'Telegram asks to wait', 'Wait.', 'pause' FROM analysis_runs;
