INSERT INTO analysis_posts (run_id, group_id, group_name, topic_id, text, posted_by, status, error, fix, cause_code)
SELECT max(id), -1001, 'Каса', '12', 'Підсумок', 'schedule', 'refused', 'The bot is not in the chat', 'Add the bot to the group again.', 'not_member' FROM analysis_runs;
