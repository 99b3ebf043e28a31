-- name: ListTasks :many
-- To be planned for its values.
WITH page AS MATERIALIZED (
    SELECT t.id, t.created_at
    FROM tasks t
    WHERE (sqlc.narg(status)::text IS NULL OR t.status = sqlc.narg(status)::text)
      AND (sqlc.narg(category)::text IS NULL OR t.category = sqlc.narg(category)::text)
      AND (sqlc.narg(priority)::text IS NULL OR t.priority = sqlc.narg(priority)::text)
      AND (sqlc.narg(source)::text IS NULL OR lower(t.source) = lower(sqlc.narg(source)::text))
      AND (sqlc.narg(created_from)::timestamptz IS NULL OR t.created_at >= sqlc.narg(created_from)::timestamptz)
      AND (sqlc.narg(created_before)::timestamptz IS NULL OR t.created_at < sqlc.narg(created_before)::timestamptz)
      AND (sqlc.narg(closed_from)::timestamptz IS NULL OR t.closed_at >= sqlc.narg(closed_from)::timestamptz)
      AND (sqlc.narg(closed_before)::timestamptz IS NULL OR t.closed_at < sqlc.narg(closed_before)::timestamptz)
      AND (sqlc.narg(assignee)::text IS NULL OR lower(t.assignee) = lower(sqlc.narg(assignee)::text))
      AND (sqlc.narg(unassigned)::boolean IS NULL OR t.assignee IS NULL)
      AND (sqlc.narg(chat_id)::text IS NULL OR t.chat_id = sqlc.narg(chat_id)::text)
      AND (sqlc.narg(is_open)::boolean IS NULL OR t.closed_at IS NULL)
      AND (sqlc.narg(due_from)::timestamptz IS NULL OR t.due_at >= sqlc.narg(due_from)::timestamptz)
      AND (sqlc.narg(due_before)::timestamptz IS NULL OR t.due_at < sqlc.narg(due_before)::timestamptz)
      AND (sqlc.narg(without_due)::boolean IS NULL OR t.due_at IS NULL)
      AND (sqlc.narg(query)::text IS NULL OR t.search @@ sqlc.narg(query)::text::tsquery)
      AND (sqlc.narg(ids)::bigint[] IS NULL OR t.id = ANY (sqlc.narg(ids)::bigint[]))
      AND (sqlc.narg(before_at)::timestamptz IS NULL
           OR (t.created_at, t.id) < (sqlc.narg(before_at)::timestamptz, sqlc.narg(before_id)::bigint))
    ORDER BY t.created_at DESC, t.id DESC
    LIMIT sqlc.arg(max_rows)::bigint
)
SELECT d.*
FROM page
JOIN task_details d ON d.id = page.id
ORDER BY page.created_at DESC, page.id DESC;

-- name: CountTasksBy :many
-- How many of the tasks that ListTasks lists have each value of a field; '' is no assignee, or no chat. To be planned for its values.
SELECT v.value::text AS value, v.n::bigint AS n
FROM (SELECT mode() WITHIN GROUP (ORDER BY k.shown) AS value, count(*) AS n
      FROM tasks t,
      LATERAL (SELECT CASE sqlc.arg(by_field)::text
            WHEN 'status' THEN t.status
            WHEN 'priority' THEN t.priority
            WHEN 'category' THEN t.category
            WHEN 'assignee' THEN coalesce(t.assignee, '')
            WHEN 'chat_id' THEN t.chat_id
            ELSE CASE WHEN t.due_at IS NULL THEN 'none' WHEN t.due_at < sqlc.arg(now_at)::timestamptz THEN 'overdue'
                      WHEN t.due_at < sqlc.arg(week_ends)::timestamptz THEN 'week' ELSE 'later' END
          END AS shown) k
      WHERE (sqlc.narg(status)::text IS NULL OR t.status = sqlc.narg(status)::text)
        AND (sqlc.narg(category)::text IS NULL OR t.category = sqlc.narg(category)::text)
        AND (sqlc.narg(priority)::text IS NULL OR t.priority = sqlc.narg(priority)::text)
        AND (sqlc.narg(source)::text IS NULL OR lower(t.source) = lower(sqlc.narg(source)::text))
        AND (sqlc.narg(created_from)::timestamptz IS NULL OR t.created_at >= sqlc.narg(created_from)::timestamptz)
        AND (sqlc.narg(created_before)::timestamptz IS NULL OR t.created_at < sqlc.narg(created_before)::timestamptz)
        AND (sqlc.narg(closed_from)::timestamptz IS NULL OR t.closed_at >= sqlc.narg(closed_from)::timestamptz)
        AND (sqlc.narg(closed_before)::timestamptz IS NULL OR t.closed_at < sqlc.narg(closed_before)::timestamptz)
        AND (sqlc.narg(assignee)::text IS NULL OR lower(t.assignee) = lower(sqlc.narg(assignee)::text))
        AND (sqlc.narg(unassigned)::boolean IS NULL OR t.assignee IS NULL)
        AND (sqlc.narg(chat_id)::text IS NULL OR t.chat_id = sqlc.narg(chat_id)::text)
        AND (sqlc.narg(is_open)::boolean IS NULL OR t.closed_at IS NULL)
        AND (sqlc.narg(due_from)::timestamptz IS NULL OR t.due_at >= sqlc.narg(due_from)::timestamptz)
        AND (sqlc.narg(due_before)::timestamptz IS NULL OR t.due_at < sqlc.narg(due_before)::timestamptz)
        AND (sqlc.narg(without_due)::boolean IS NULL OR t.due_at IS NULL)
        AND (sqlc.narg(query)::text IS NULL OR t.search @@ sqlc.narg(query)::text::tsquery)
        AND (sqlc.narg(ids)::bigint[] IS NULL OR t.id = ANY (sqlc.narg(ids)::bigint[]))
        AND (sqlc.arg(by_field)::text <> 'due' OR t.closed_at IS NULL)
      GROUP BY lower(k.shown)) v
ORDER BY v.n DESC, v.value
LIMIT sqlc.arg(max_rows)::bigint;

-- name: TasksExpected :many
SELECT search_expected('tasks', q.query::tsquery)::double precision AS n
FROM unnest(sqlc.arg(queries)::text[]) WITH ORDINALITY AS q (query, position)
ORDER BY q.position;

-- name: TasksFound :many
SELECT id::bigint AS id FROM tasks_found(sqlc.arg(query)::text::tsquery, sqlc.arg(most)::bigint) AS found (id);

-- name: GetTask :one
SELECT * FROM task_details WHERE id = sqlc.arg(id);

-- name: LockTask :one
SELECT id FROM tasks WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: InsertTask :one
INSERT INTO tasks (title, description, category, priority, status, source, ai_generated, confidence, assignee, due_at, labels, search, terms)
VALUES (sqlc.arg(title), sqlc.arg(description), sqlc.arg(category), sqlc.arg(priority), sqlc.arg(status), sqlc.arg(source),
        sqlc.arg(ai_generated), sqlc.narg(confidence), sqlc.narg(assignee), sqlc.narg(due_at), sqlc.arg(labels),
        sqlc.arg(search)::text::tsvector, sqlc.arg(terms)::text[])
RETURNING id;

-- name: WriteTask :exec
UPDATE tasks SET
    title = sqlc.arg(title), description = sqlc.arg(description), category = sqlc.arg(category), priority = sqlc.arg(priority),
    status = sqlc.arg(status), assignee = sqlc.narg(assignee), due_at = sqlc.narg(due_at), labels = sqlc.arg(labels),
    search = sqlc.arg(search)::text::tsvector, terms = sqlc.arg(terms)::text[], updated_at = greatest(now(), created_at),
    duplicate_of_id = CASE WHEN sqlc.arg(status) = 'cancelled' THEN duplicate_of_id END -- who opens it again takes it out
WHERE id = sqlc.arg(id);

-- name: LinkMessages :exec
-- A message that already led to a task keeps it.
INSERT INTO task_messages (task_id, message_id, role)
SELECT sqlc.arg(task_id)::bigint, m.id, sqlc.arg(role)::text
FROM messages m
WHERE m.id = ANY (sqlc.arg(message_ids)::bigint[])
ORDER BY m.id
ON CONFLICT DO NOTHING;

-- name: InsertTaskHistory :exec
INSERT INTO task_history (task_id, field, old_value, new_value, actor_kind, actor_name)
VALUES (sqlc.arg(task_id), sqlc.arg(field), sqlc.narg(old_value), sqlc.narg(new_value), sqlc.arg(actor_kind), sqlc.arg(actor_name));

-- name: TaskHistory :many
SELECT * FROM task_history WHERE task_id = sqlc.arg(task_id) AND id < sqlc.arg(before)::bigint ORDER BY id DESC LIMIT sqlc.arg(max_rows);

-- name: CountTasks :many
SELECT status, category, priority, sum(n)::bigint AS n FROM task_counts GROUP BY status, category, priority;

-- name: CountTasksSince :many
SELECT status, category, priority, count(*) AS n FROM tasks
WHERE created_at >= sqlc.arg(since)::timestamptz
GROUP BY status, category, priority;

-- name: UnindexedTasks :many
SELECT id, title, description, category FROM tasks WHERE search IS NULL OR terms IS NULL ORDER BY id LIMIT sqlc.arg(max_rows) FOR UPDATE SKIP LOCKED;

-- name: IndexTasks :execrows
UPDATE tasks t SET search = w.search::tsvector, terms = string_to_array(w.terms, E'\x1f')
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(searches)::text[]) AS search, unnest(sqlc.arg(terms)::text[]) AS terms) AS w
WHERE t.id = w.id;

-- name: TaskFlow :many
-- Days begin by the clock of the zone asked for. To be planned for its values.
SELECT d.day::text AS day, sum(d.created)::bigint AS created, sum(d.closed)::bigint AS closed
FROM (
    SELECT (t.created_at AT TIME ZONE sqlc.arg(tz)::text)::date AS day, count(*) AS created, 0 AS closed
    FROM tasks t
    WHERE t.created_at >= sqlc.arg(from_at)::timestamptz AND t.created_at < sqlc.arg(before_at)::timestamptz
    GROUP BY 1
    UNION ALL
    SELECT (t.closed_at AT TIME ZONE sqlc.arg(tz)::text)::date, 0, count(*)
    FROM tasks t
    WHERE t.closed_at >= sqlc.arg(from_at)::timestamptz AND t.closed_at < sqlc.arg(before_at)::timestamptz
    GROUP BY 1
) AS d
GROUP BY d.day
ORDER BY d.day;

-- name: TimeToClose :one
-- Of the tasks closed in a span and not opened again: how many, and the time from creation that half of them, and nine of ten,
-- took at most. To be planned for its values.
SELECT count(*) AS n, coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY f.seconds), 0)::double precision AS median,
    coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY f.seconds), 0)::double precision AS p90
FROM (
    SELECT greatest(extract(epoch FROM t.closed_at - t.created_at), 0)::double precision AS seconds
    FROM tasks t
    WHERE t.closed_at >= sqlc.arg(from_at)::timestamptz AND t.closed_at < sqlc.arg(before_at)::timestamptz
      AND (sqlc.narg(chat_id)::text IS NULL OR t.chat_id = sqlc.narg(chat_id)::text)
) AS f;

-- name: TimeToTask :one
-- Of the tasks of a span that messages lead to: how many, and the median time from the first message.
SELECT count(*) AS n, coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY f.seconds), 0)::double precision AS median
FROM (
    SELECT greatest(extract(epoch FROM t.created_at - min(m.sent_at)), 0)::double precision AS seconds
    FROM tasks t
    JOIN task_messages o ON o.task_id = t.id AND o.role = 'origin'
    JOIN messages m ON m.id = o.message_id
    WHERE t.created_at >= sqlc.arg(from_at)::timestamptz AND t.created_at < sqlc.arg(before_at)::timestamptz
    GROUP BY t.id
) AS f;
