-- Why: the built-in classifier learns from what people correct. What it learns is kept in
-- versions, so that any of them can be gone back to.
-- Locks: none that anyone could wait for (a new table); milliseconds.

-- What corrections add to the weights that are shipped: one row for each training.
CREATE TABLE adapters (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The version of the weights that it was made for; it fits no others.
    base         text        NOT NULL,
    weights      bytea       NOT NULL,
    -- The newest correction that there was.
    feedback_id  bigint      NOT NULL,
    -- How many corrections it learnt from, and how many were held back to measure it.
    learnt       int         NOT NULL,
    held_back    int         NOT NULL,
    -- On those held back: how many verdicts were right, and the mean loss, of the classifier
    -- as it was before and with this.
    right_before int         NOT NULL,
    right_after  int         NOT NULL,
    loss_before  double precision NOT NULL,
    loss_after   double precision NOT NULL,
    -- Whether it was put to use when it was made, for it was better.
    adopted      boolean     NOT NULL,
    active       boolean     NOT NULL DEFAULT false,
    created_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT adapters_counts_not_negative CHECK (learnt >= 0 AND held_back >= 0 AND right_before >= 0 AND right_after >= 0)
);
-- One at most is in use; with none it is the weights alone.
CREATE UNIQUE INDEX adapters_active_idx ON adapters (active) WHERE active;
