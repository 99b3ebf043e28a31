-- Why: who judges messages, and how, changes while everything runs; tokens are counted for the
-- whole installation, so that several workers share the budget of a day.
-- Locks: none that anyone could wait for (new tables); milliseconds.

-- One row where operators set something, or none. NULL is the environment's value.
CREATE TABLE ai_settings (
    only_row             boolean     PRIMARY KEY DEFAULT true,
    provider             text,
    base_url             text,
    model                text,
    -- Sealed; '' where the server wants no key.
    api_key              text,
    local_fallback       boolean,
    task_threshold       double precision,
    proposal_threshold   double precision,
    quiet_seconds        double precision,
    mask_names           boolean,
    mask_phones          boolean,
    mask_emails          boolean,
    -- 0 for no bound.
    token_budget_per_day bigint,
    updated_at           timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ai_settings_only_row CHECK (only_row),
    CONSTRAINT ai_settings_provider_known CHECK (provider IN ('local', 'openai')),
    CONSTRAINT ai_settings_task_threshold_range CHECK (task_threshold BETWEEN 0.01 AND 1),
    CONSTRAINT ai_settings_proposal_threshold_range CHECK (proposal_threshold BETWEEN 0.01 AND 1),
    CONSTRAINT ai_settings_quiet_seconds_range CHECK (quiet_seconds BETWEEN 0 AND 600),
    CONSTRAINT ai_settings_token_budget_not_negative CHECK (token_budget_per_day >= 0)
);

-- Tokens that model servers were sent and answered on a day (UTC), those of calls under way included.
CREATE TABLE ai_tokens (
    day    date   PRIMARY KEY,
    tokens bigint NOT NULL,
    CONSTRAINT ai_tokens_not_negative CHECK (tokens >= 0)
);
