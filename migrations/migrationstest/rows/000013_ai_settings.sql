INSERT INTO ai_settings (provider, base_url, model, api_key, task_threshold, mask_names, token_budget_per_day, updated_at)
VALUES ('openai', 'http://localhost:11434/v1', 'назва "моделі"', '', 0.87654321, false, 9000000000, now());
INSERT INTO ai_tokens (day, tokens) VALUES ('2026-03-02', 9000000000);
