-- Why: a summary can be posted to a chat, and the run remembers where and when.
-- Locks: none that anyone could wait for (a new table); milliseconds.

CREATE TABLE analysis_posts (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id       bigint      NOT NULL REFERENCES analysis_runs (id) ON DELETE CASCADE,
    -- Of Telegram, with the name of then; the topic of a forum, NULL for none.
    group_id     bigint      NOT NULL,
    group_name   text,
    topic_id     text,
    text         text        NOT NULL,
    -- Written before it is sent: unconfirmed is what nobody knows of whether the chat has it.
    status       text        NOT NULL DEFAULT 'unconfirmed',
    -- Why it is unconfirmed, and what to do; the code names the two, the detail is what they quote.
    error        text,
    fix          text,
    cause_code   text,
    cause_detail text,
    posted_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT analysis_posts_status_known CHECK (status IN ('unconfirmed', 'sent'))
);
CREATE INDEX analysis_posts_run_idx ON analysis_posts (run_id, id);
