-- Why: tasks created against closed, by day, and the lists behind those numbers.
-- Locks: ACCESS EXCLUSIVE on tasks while the times of what is closed already are filled in from
-- the history: a second for 100,000 tasks.

-- When a task became completed or cancelled, last; NULL while it is neither.
ALTER TABLE tasks ADD COLUMN closed_at timestamptz;

UPDATE tasks t SET closed_at = coalesce(
    (SELECT max(h.changed_at) FROM task_history h
     WHERE h.task_id = t.id AND h.field = 'status' AND h.new_value IN ('completed', 'cancelled')
       AND coalesce(h.old_value, '') NOT IN ('completed', 'cancelled')),
    greatest(t.updated_at, t.created_at))
WHERE t.status IN ('completed', 'cancelled');

CREATE FUNCTION tasks_note_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status NOT IN ('completed', 'cancelled') THEN
        NEW.closed_at := NULL;
    ELSIF TG_OP = 'INSERT' OR OLD.status NOT IN ('completed', 'cancelled') THEN
        NEW.closed_at := coalesce(NEW.closed_at, greatest(now(), NEW.created_at));
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER tasks_note_closed BEFORE INSERT OR UPDATE OF status ON tasks
    FOR EACH ROW EXECUTE FUNCTION tasks_note_closed();

ALTER TABLE tasks ADD CONSTRAINT tasks_closed_has_time CHECK ((closed_at IS NOT NULL) = (status IN ('completed', 'cancelled')));
CREATE INDEX tasks_closed_idx ON tasks (closed_at, id) WHERE closed_at IS NOT NULL;
