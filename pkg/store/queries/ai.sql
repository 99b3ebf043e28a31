-- name: LockAISettings :exec
-- One change at a time, also while there is no row to lock.
SELECT pg_advisory_xact_lock(hashtextextended('ai_settings', 0));

-- name: AISettings :one
SELECT * FROM ai_settings;

-- name: PutAISettings :one
INSERT INTO ai_settings (provider, base_url, model, api_key, local_fallback, task_threshold, proposal_threshold, quiet_seconds,
                         mask_names, mask_phones, mask_emails, token_budget_per_day, duplicate_sure_threshold, duplicate_likely_threshold,
                         autonomy)
VALUES (sqlc.narg(provider), sqlc.narg(base_url), sqlc.narg(model), sqlc.narg(api_key), sqlc.narg(local_fallback), sqlc.narg(task_threshold),
        sqlc.narg(proposal_threshold), sqlc.narg(quiet_seconds), sqlc.narg(mask_names), sqlc.narg(mask_phones), sqlc.narg(mask_emails),
        sqlc.narg(token_budget_per_day), sqlc.narg(duplicate_sure_threshold), sqlc.narg(duplicate_likely_threshold),
        sqlc.narg(autonomy))
ON CONFLICT (only_row) DO UPDATE SET provider = excluded.provider, base_url = excluded.base_url, model = excluded.model,
    api_key = excluded.api_key, local_fallback = excluded.local_fallback, task_threshold = excluded.task_threshold,
    proposal_threshold = excluded.proposal_threshold, quiet_seconds = excluded.quiet_seconds, mask_names = excluded.mask_names,
    mask_phones = excluded.mask_phones, mask_emails = excluded.mask_emails, token_budget_per_day = excluded.token_budget_per_day,
    duplicate_sure_threshold = excluded.duplicate_sure_threshold, duplicate_likely_threshold = excluded.duplicate_likely_threshold,
    autonomy = excluded.autonomy,
    updated_at = now()
RETURNING updated_at;

-- name: DeleteAISettings :execrows
DELETE FROM ai_settings;

-- name: ReserveTokens :execrows
-- Nothing is changed where the day would come above the bound.
INSERT INTO ai_tokens AS t (day, tokens) SELECT sqlc.arg(day)::date, sqlc.arg(tokens)::bigint
WHERE sqlc.arg(bound)::bigint = 0 OR sqlc.arg(tokens)::bigint <= sqlc.arg(bound)::bigint
ON CONFLICT (day) DO UPDATE SET tokens = t.tokens + excluded.tokens
WHERE sqlc.arg(bound)::bigint = 0 OR t.tokens + excluded.tokens <= sqlc.arg(bound)::bigint;

-- name: SettleTokens :exec
UPDATE ai_tokens SET tokens = greatest(0, tokens + sqlc.arg(change)::bigint) WHERE day = sqlc.arg(day);

-- name: TokensOf :one
SELECT coalesce((SELECT tokens FROM ai_tokens WHERE day = sqlc.arg(day)), 0)::bigint AS tokens;
