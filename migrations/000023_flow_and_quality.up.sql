-- Why: how far messages get, from what was said to what is done, and what people thought of what the machine proposed or made;
-- each number with the list behind it.
-- Locks: none that anyone could wait for (new functions and a view); milliseconds.

-- How far a message got: 3, its task is completed; 2, it leads to a task that was not cancelled; 1, it led to a task, or to a
-- proposal that the machine has not withdrawn; 0, to nothing.
CREATE FUNCTION message_reached(message bigint) RETURNS TABLE (stage int) LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN t.status = 'completed' THEN 3
                WHEN t.status <> 'cancelled' THEN 2
                WHEN t.id IS NOT NULL OR p.id IS NOT NULL THEN 1
                ELSE 0 END
    FROM (SELECT 1) AS one
    LEFT JOIN task_messages o ON o.message_id = message AND o.role = 'origin'
    LEFT JOIN tasks t ON t.id = o.task_id
    LEFT JOIN conversation_messages c ON c.message_id = message
    LEFT JOIN proposals p ON p.conversation_id = c.conversation_id AND p.status <> 'withdrawn'
$$;

-- The messages that got at least so far, at most so many: whether they are few is to be known before a list walks through all
-- messages in search of them, and costs no more than that many. A message may come twice.
CREATE FUNCTION messages_reached(stage int, most bigint) RETURNS SETOF bigint
    LANGUAGE sql STABLE SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    (SELECT o.message_id
     FROM tasks t
     JOIN task_messages o ON o.task_id = t.id AND o.role = 'origin'
     WHERE stage = 1 OR t.status = 'completed' OR stage = 2 AND t.status <> 'cancelled'
     LIMIT most)
    UNION ALL
    (SELECT c.message_id
     FROM proposals p
     JOIN conversation_messages c ON c.conversation_id = p.conversation_id
     WHERE stage = 1 AND p.status <> 'withdrawn'
     LIMIT most)
    LIMIT most
$$;

-- What people decided about what the machine proposed, about the tasks that it made by itself, and about what it said of messages.
-- An outcome of NULL says that the machine itself settled it; undecided, that a person's word is missing.
CREATE VIEW ai_decisions AS
SELECT d.subject, d.id, CASE WHEN d.subject = 'message' THEN d.id ELSE d.conversation_id END AS message_id, d.made_at, d.title, d.outcome::text AS outcome, d.reason::text AS reason, d.decided_at, d.task_id,
       CASE WHEN d.subject <> 'message' AND d.outcome <> 'undecided' THEN d.outcome IN ('accepted', 'edited', 'merged') END::boolean AS is_right,
       coalesce(h.chat_id, '') AS chat_id, coalesce(a.provider, nullif(d.provider, ''), 'unknown') AS provider, coalesce(a.model, d.model, '') AS model,
       coalesce(a.prompt_version, '') AS prompt_version,
       concat_ws(' ', coalesce(a.provider, nullif(d.provider, ''), 'unknown'), nullif(coalesce(a.model, d.model), ''), nullif(a.prompt_version, ''))::text AS version
FROM (
    SELECT 'proposal'::text AS subject, p.id, p.created_at AS made_at, p.title, p.conversation_id, p.task_id, p.decided_at, p.provider, p.model,
           CASE WHEN p.status IN ('pending', 'snoozed') THEN 'undecided'
                WHEN p.status = 'rejected' OR w.noise THEN 'rejected'
                WHEN p.decided_by = 'ai' THEN NULL
                WHEN p.status = 'merged' THEN 'merged'
                WHEN p.status = 'accepted' AND p.previous IS NOT NULL AND (p.title, p.description, p.category, p.priority, p.assignee, p.due_at) IS DISTINCT FROM
                    (p.previous ->> 'title', p.previous ->> 'description', p.previous ->> 'category', p.previous ->> 'priority',
                     p.previous ->> 'assignee', (p.previous ->> 'due_at')::timestamptz) THEN 'edited'
                WHEN p.status = 'accepted' THEN 'accepted' END AS outcome,
           CASE WHEN w.noise THEN 'noise' ELSE p.reject_reason END AS reason,
           p.decided_at AS judged_until
    FROM proposals p
    -- Withdrawn because a person said of a message of it that there is nothing to do.
    CROSS JOIN LATERAL (
        SELECT p.status = 'withdrawn' AND EXISTS (
            SELECT FROM feedback f WHERE f.conversation_id = p.conversation_id AND f.kind = 'noise' AND f.undone_at IS NULL) AS noise
    ) AS w
    UNION ALL
    SELECT 'task', t.id, t.created_at, t.title, m.conversation_id, t.id, u.last_at, made.actor_name, '',
           CASE WHEN t.duplicate_of_id IS NOT NULL THEN 'merged'
                WHEN t.status = 'cancelled' THEN 'cancelled'
                WHEN EXISTS (SELECT FROM feedback f WHERE f.task_id = t.id AND f.kind IN ('category', 'priority') AND f.undone_at IS NULL) THEN 'edited'
                WHEN t.status IN ('in_progress', 'completed') OR u.kept THEN 'accepted'
                ELSE 'undecided' END,
           '', t.created_at
    FROM tasks t
    CROSS JOIN LATERAL (
        SELECT y.actor_name FROM task_history y
        WHERE y.task_id = t.id AND y.field = 'created' AND y.actor_kind = 'ai' AND y.actor_name <> 'user' LIMIT 1
    ) AS made
    -- Whoever only moved it from one column to another and back has not said whether it is one.
    CROSS JOIN LATERAL (
        SELECT max(y.changed_at) AS last_at, coalesce(bool_or(y.field NOT IN ('status', 'duplicate_of_id')), false) AS kept
        FROM task_history y WHERE y.task_id = t.id AND y.actor_kind = 'user'
    ) AS u
    LEFT JOIN LATERAL (
        SELECT c.conversation_id FROM conversation_tasks c WHERE c.task_id = t.id AND c.made ORDER BY c.conversation_id LIMIT 1
    ) AS m ON true
    WHERE t.ai_generated AND t.category <> 'summary'
    UNION ALL
    -- What the machine said of a message beside a person's last word about it.
    SELECT 'message', g.id, g.sent_at, left(g.content, 200), f.conversation_id, NULL, said.created_at, f.machine_provider, f.machine_model,
           CASE WHEN f.machine_is_issue AND NOT said.is_issue THEN 'not_issue'
                WHEN said.is_issue AND NOT f.machine_is_issue THEN 'missed'
                WHEN said.is_issue AND (said.category, said.priority) IS DISTINCT FROM (f.machine_category, f.machine_priority) THEN 'reclassified' END,
           '', f.created_at
    FROM feedback f
    JOIN messages g ON g.id = f.message_id
    CROSS JOIN LATERAL (
        SELECT l.is_issue, l.category, l.priority, l.created_at FROM feedback l
        WHERE l.message_id = f.message_id AND l.undone_at IS NULL AND l.kind IN ('accept', 'noise', 'task', 'category', 'priority')
        ORDER BY l.id DESC LIMIT 1
    ) AS said
    WHERE f.undone_at IS NULL AND f.machine_is_issue IS NOT NULL AND f.kind IN ('accept', 'noise', 'task', 'category', 'priority')
) AS d
-- Which version said so: the last that judged it before it was made, or decided about.
LEFT JOIN LATERAL (
    SELECT a.provider, a.model, a.prompt_version FROM classification_attempts a
    WHERE a.conversation_id = d.conversation_id AND a.provider NOT IN ('', 'user') AND a.attempted_at <= d.judged_until
    ORDER BY a.id DESC LIMIT 1
) AS a ON d.outcome <> 'undecided'
LEFT JOIN conversations c ON c.id = d.conversation_id
LEFT JOIN chat_threads h ON h.id = c.chat_thread_id
WHERE d.outcome IS NOT NULL;
