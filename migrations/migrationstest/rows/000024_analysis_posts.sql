INSERT INTO analysis_posts (run_id, group_id, group_name, text, status) SELECT max(id), -1001, 'Каса', 'Підсумок', 'sent' FROM analysis_runs;
