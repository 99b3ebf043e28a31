-- Why: one problem that is said twice becomes one task, or two of which a person is asked whether
-- they are the same; what he answers is kept.
-- Locks: ACCESS EXCLUSIVE on tasks, feedback and ai_settings for changes of the catalogue; SHARE on tasks while
-- three empty indexes are built: some 100 ms per 100,000 tasks.

ALTER TABLE tasks
    -- What it is found by when it is compared (pkg/similar), made in Go; NULL until the worker has made them.
    ADD COLUMN terms text[],
    -- The task that it was merged into; NULL for none.
    ADD COLUMN duplicate_of_id bigint REFERENCES tasks (id) ON DELETE SET NULL,
    ADD CONSTRAINT tasks_merged_are_cancelled CHECK (duplicate_of_id IS NULL OR status = 'cancelled');
CREATE INDEX tasks_terms_idx ON tasks USING gin (terms);
CREATE INDEX tasks_without_terms_idx ON tasks (id) WHERE terms IS NULL;
CREATE INDEX tasks_duplicate_of_idx ON tasks (duplicate_of_id) WHERE duplicate_of_id IS NOT NULL;

-- The task that a merged one was merged into, in the end; of any other, itself.
CREATE FUNCTION kept_task(task bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    WITH RECURSIVE chain (id, next) AS (
        SELECT t.id, t.duplicate_of_id FROM tasks t WHERE t.id = task
        UNION -- which ends even where there were a circle
        SELECT t.id, t.duplicate_of_id FROM chain c JOIN tasks t ON t.id = c.next
    )
    SELECT c.id FROM chain c WHERE c.next IS NULL
$$;

-- Merges form no circle, whoever writes them.
CREATE FUNCTION tasks_merge_in_no_circle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF kept_task(NEW.duplicate_of_id) = NEW.id THEN
        RAISE EXCEPTION 'task % was merged into task %', NEW.duplicate_of_id, NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'tasks_merge_in_no_circle';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER tasks_merge_in_no_circle BEFORE UPDATE OF duplicate_of_id ON tasks
    FOR EACH ROW WHEN (NEW.duplicate_of_id IS NOT NULL) EXECUTE FUNCTION tasks_merge_in_no_circle();

-- What may be the same: two tasks, or a task and what a conversation says.
CREATE TABLE task_links (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The one that was there first.
    task_id         bigint      NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    -- NULL while the other is a proposal, or was attached and is no task.
    other_task_id   bigint      REFERENCES tasks (id) ON DELETE CASCADE,
    -- What the other was made of; NULL where that is not known.
    conversation_id bigint      REFERENCES conversations (id) ON DELETE SET NULL,
    -- open: waits for a person; attached: the machine was sure, so that the conversation leads to task_id;
    -- merged: by a person; refused: a person said that they are not the same, for ever.
    status          text        NOT NULL DEFAULT 'open',
    -- How sure the machine was, 0 to 1, and why; NULL and '' where a person linked them.
    score           double precision,
    reason          text        NOT NULL DEFAULT '',
    shared          text[]      NOT NULL DEFAULT '{}',
    -- What was attached, as the task that it would have become.
    issue           jsonb,
    -- What undoing the last decision brings back; NULL where there is nothing to undo.
    previous        jsonb,
    created_by      text        NOT NULL DEFAULT 'ai',
    created_at      timestamptz NOT NULL DEFAULT now(),
    decided_by      text        NOT NULL DEFAULT '',
    decided_at      timestamptz,
    CONSTRAINT task_links_status_known CHECK (status IN ('open', 'attached', 'merged', 'refused')),
    CONSTRAINT task_links_score_in_range CHECK (score BETWEEN 0 AND 1),
    CONSTRAINT task_links_of_two CHECK (other_task_id <> task_id)
);
-- One link of a pair, whichever is named first.
CREATE UNIQUE INDEX task_links_pair_unique ON task_links (least(task_id, other_task_id), greatest(task_id, other_task_id))
    WHERE other_task_id IS NOT NULL;
CREATE UNIQUE INDEX task_links_conversation_unique ON task_links (conversation_id, task_id) WHERE conversation_id IS NOT NULL;
CREATE INDEX task_links_open_idx ON task_links (id) WHERE status = 'open';
CREATE INDEX task_links_task_idx ON task_links (task_id);
CREATE INDEX task_links_other_task_idx ON task_links (other_task_id) WHERE other_task_id IS NOT NULL;

-- Links with what they are of. The other is a proposal where it is no task.
CREATE VIEW task_link_details AS
SELECT l.id, l.task_id, l.other_task_id, l.conversation_id, l.status, l.score, l.reason, l.shared, l.created_by, l.created_at, l.decided_by, l.decided_at,
       (l.previous IS NOT NULL OR l.status = 'attached')::boolean AS undoable,
       t.title AS task_title, t.status AS task_status, coalesce(kept_task(l.task_id), l.task_id)::bigint AS kept_task_id,
       coalesce(o.title, p.title, '')::text AS other_title, coalesce(o.status, '')::text AS other_status,
       p.id AS proposal_id, coalesce(p.status, '')::text AS proposal_status
FROM task_links l
JOIN tasks t ON t.id = l.task_id
LEFT JOIN tasks o ON o.id = l.other_task_id
LEFT JOIN proposals p ON p.conversation_id = l.conversation_id AND l.other_task_id IS NULL;

CREATE OR REPLACE VIEW task_details AS
SELECT t.id, t.title, t.description, t.category, t.priority, t.status, t.source, t.ai_generated, t.confidence,
       t.assignee, t.due_at, t.labels, t.created_at, t.updated_at,
       ARRAY(SELECT m.message_id FROM task_messages m WHERE m.task_id = t.id ORDER BY m.message_id LIMIT 1000)::bigint[]
           AS source_message_ids,
       coalesce(t.duplicate_of_id, 0)::bigint AS duplicate_of_id,
       ((SELECT count(*) FROM task_links l WHERE l.task_id = t.id AND l.status = 'open' AND l.other_task_id IS NOT NULL)
        + (SELECT count(*) FROM task_links l WHERE l.other_task_id = t.id AND l.status = 'open'))::int AS open_links
FROM tasks t;

ALTER TABLE feedback ADD COLUMN link_id bigint REFERENCES task_links (id) ON DELETE SET NULL;
ALTER TABLE feedback DROP CONSTRAINT feedback_kind_known;
ALTER TABLE feedback ADD CONSTRAINT feedback_kind_known
    CHECK (kind IN ('accept', 'reject', 'category', 'priority', 'merge', 'noise', 'task', 'same', 'different', 'split'));
CREATE INDEX feedback_link_idx ON feedback (link_id) WHERE link_id IS NOT NULL;

ALTER TABLE ai_settings
    ADD COLUMN duplicate_sure_threshold   double precision,
    ADD COLUMN duplicate_likely_threshold double precision,
    ADD CONSTRAINT ai_settings_duplicate_sure_threshold_range CHECK (duplicate_sure_threshold BETWEEN 0.01 AND 1),
    ADD CONSTRAINT ai_settings_duplicate_likely_threshold_range CHECK (duplicate_likely_threshold BETWEEN 0.01 AND 1);
