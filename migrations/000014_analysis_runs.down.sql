-- Why: removes what the up made, with the runs that are not of a day.
-- Locks: ACCESS EXCLUSIVE on analysis_runs and task_history, milliseconds.
DROP INDEX task_history_status_idx;
DELETE FROM analysis_runs WHERE day IS NULL;
ALTER TABLE analysis_runs
    DROP COLUMN status,
    DROP COLUMN requested_by,
    DROP COLUMN created_at,
    DROP COLUMN sent_from,
    DROP COLUMN sent_to,
    DROP COLUMN chats,
    DROP COLUMN scheduled_for,
    DROP COLUMN processed,
    DROP COLUMN checkpoint,
    DROP COLUMN lease_until,
    DROP COLUMN claims,
    DROP COLUMN attempts,
    DROP COLUMN error,
    DROP COLUMN summary,
    ALTER COLUMN messages DROP DEFAULT,
    ALTER COLUMN day SET NOT NULL,
    ALTER COLUMN task_id SET NOT NULL,
    ALTER COLUMN started_at SET NOT NULL,
    ALTER COLUMN finished_at SET DEFAULT now(),
    ALTER COLUMN finished_at SET NOT NULL,
    ADD CONSTRAINT analysis_runs_messages_positive CHECK (messages > 0);
