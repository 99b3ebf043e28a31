-- Why: a run of the analysis may cover any time and chats, and takes place in the background
-- (docs/analysis.md). A row of analysis_runs was one finished POST /api/analyze-day, and
-- those rows stay: they are the ones with a day.
-- Locks: ACCESS EXCLUSIVE on analysis_runs, milliseconds (a row per day). SHARE on
-- task_history while its index is built: about a second per million changes of tasks.

ALTER TABLE analysis_runs
    ALTER COLUMN day DROP NOT NULL,
    ALTER COLUMN task_id DROP NOT NULL,
    ALTER COLUMN messages SET DEFAULT 0,
    ALTER COLUMN started_at DROP NOT NULL,
    ALTER COLUMN finished_at DROP NOT NULL,
    ALTER COLUMN finished_at DROP DEFAULT,
    ADD COLUMN status text NOT NULL DEFAULT 'completed',
    ADD COLUMN requested_by text NOT NULL DEFAULT 'user',
    ADD COLUMN created_at timestamptz,
    -- Messages sent from the one until before the other; of these chats where there are any.
    ADD COLUMN sent_from timestamptz,
    ADD COLUMN sent_to timestamptz,
    ADD COLUMN chats text[],
    -- The moment of the schedule that asked for it.
    ADD COLUMN scheduled_for timestamptz,
    -- Of messages, how many have been read; where reading goes on, and what was found until
    -- then (pkg/digest.State).
    ADD COLUMN processed bigint NOT NULL DEFAULT 0,
    ADD COLUMN checkpoint jsonb,
    -- When another worker may take it: whoever works on it moves this on.
    ADD COLUMN lease_until timestamptz,
    -- Grows with each worker that takes it, so that one that lost it notices; and how often
    -- it was taken since it last got on.
    ADD COLUMN claims int NOT NULL DEFAULT 0,
    ADD COLUMN attempts int NOT NULL DEFAULT 0,
    ADD COLUMN error text,
    -- What it found; NULL where there was nothing to analyse.
    ADD COLUMN summary jsonb,
    DROP CONSTRAINT analysis_runs_messages_positive,
    ADD CONSTRAINT analysis_runs_messages_in_range CHECK (messages >= 0 AND processed >= 0),
    ADD CONSTRAINT analysis_runs_status_known CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    ADD CONSTRAINT analysis_runs_requested_by_known CHECK (requested_by IN ('user', 'schedule')),
    ADD CONSTRAINT analysis_runs_times_in_order CHECK (sent_from < sent_to),
    ADD CONSTRAINT analysis_runs_of_day_or_time CHECK (
        (day IS NOT NULL AND task_id IS NOT NULL AND messages > 0) OR (day IS NULL AND sent_from IS NOT NULL AND sent_to IS NOT NULL)),
    -- However many workers there are, a moment makes one run.
    ADD CONSTRAINT analysis_runs_scheduled_for_unique UNIQUE (scheduled_for);

UPDATE analysis_runs SET created_at = started_at;
ALTER TABLE analysis_runs
    ALTER COLUMN created_at SET DEFAULT now(),
    ALTER COLUMN created_at SET NOT NULL;

CREATE INDEX analysis_runs_unfinished_idx ON analysis_runs (id) WHERE status IN ('queued', 'running');
CREATE INDEX analysis_runs_time_idx ON analysis_runs (id) WHERE day IS NULL;
CREATE INDEX task_history_status_idx ON task_history (changed_at) WHERE field = 'status';
