-- name: ClaimConversations :many
-- Moves the conversations on by the lease: if who claimed them dies, they come back.
UPDATE conversations c SET judge_at = now() + sqlc.arg(lease)::interval
WHERE c.id = ANY (ARRAY(SELECT d.id FROM conversations d WHERE d.judge_at <= now() ORDER BY d.judge_at LIMIT sqlc.arg(max_rows) FOR UPDATE SKIP LOCKED))
RETURNING c.id, c.version, c.trace_parents;

-- name: ReleaseConversations :exec
UPDATE conversations c SET judge_at = now() + sqlc.arg(delay)::interval
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(versions)::bigint[]) AS version) AS w
WHERE c.id = w.id AND c.version = w.version AND c.judge_at IS NOT NULL;

-- name: NextJudgement :one
-- Seconds until the next conversation or snoozed proposal is due; -1 where none waits.
SELECT coalesce(extract(epoch FROM least((SELECT min(c.judge_at) FROM conversations c WHERE c.judge_at IS NOT NULL),
                                         (SELECT min(p.snoozed_until) FROM proposals p WHERE p.status = 'snoozed')) - now()), -1)::double precision AS seconds;

-- name: WaitingConversations :one
SELECT count(*) FILTER (WHERE c.changed_at IS NOT NULL) AS waiting, count(*) FILTER (WHERE c.held_since IS NOT NULL) AS held
FROM conversations c WHERE c.judge_at IS NOT NULL;

-- name: Utterances :many
SELECT c.conversation_id, c.message_id, c.sent_at, c.position, c.author_id, c.reply_to, c.media_group_id, c.content_at, c.content_version,
       c.judged, c.verdict, m.content, m.has_words, a.name AS author, s.name AS source_name, m.is_issue, m.category, m.priority, m.provider,
       coalesce(t.task_id, 0)::bigint AS task_id,
       (CASE WHEN jsonb_path_exists(m.raw, '$.*.entities[*] ? (@.type == "text_mention")')
               OR jsonb_path_exists(m.raw, '$.*.caption_entities[*] ? (@.type == "text_mention")') THEN m.raw END)::jsonb AS raw
FROM conversation_messages c
JOIN messages m ON m.id = c.message_id
JOIN author_names a ON a.id = m.author_name_id
JOIN sources s ON s.id = m.source_id
LEFT JOIN task_messages t ON t.message_id = m.id AND t.role = 'origin'
WHERE c.conversation_id = ANY (sqlc.arg(ids)::bigint[])
ORDER BY c.conversation_id, c.sent_at, c.position, c.message_id;

-- name: Contents :many
SELECT m.id, m.content FROM messages m WHERE m.id = ANY (sqlc.arg(ids)::bigint[]) AND m.has_words;

-- name: WordsAround :many
-- What was said last in the chat of a message: of its 200 newest messages at most, since a chat of pictures alone has no end.
SELECT said.content
FROM (SELECT m.content, m.has_words FROM messages o
      JOIN messages m ON m.source_id = o.source_id AND m.chat_id = o.chat_id
      WHERE o.id = sqlc.arg(message_id)::bigint
      ORDER BY m.sent_at DESC, m.position DESC, m.id DESC
      LIMIT 200) said
WHERE said.has_words
LIMIT 50;

-- name: StoreVerdicts :exec
-- Only of the content that was judged.
UPDATE conversation_messages c SET judged = true, verdict = nullif(w.verdict, '')::jsonb
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(content_at)::timestamptz[]) AS content_at,
             unnest(sqlc.arg(content_versions)::bigint[]) AS content_version, unnest(sqlc.arg(verdicts)::text[]) AS verdict) AS w
WHERE c.message_id = w.id AND c.content_at = w.content_at AND c.content_version = w.content_version;

-- name: LockMessages :exec
-- In the order in which storing locks them.
SELECT m.id FROM messages m WHERE m.id = ANY (sqlc.arg(ids)::bigint[])
ORDER BY m.source_id, m.chat_id COLLATE "C", m.external_message_id COLLATE "C" FOR NO KEY UPDATE;

-- name: ClassifyMessages :many
-- A person's word stays.
UPDATE messages m SET is_issue = w.is_issue, category = w.category, priority = w.priority, confidence = w.confidence,
    provider = w.provider, classified_at = now()
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(is_issues)::boolean[]) AS is_issue,
             unnest(sqlc.arg(categories)::text[]) AS category, unnest(sqlc.arg(priorities)::text[]) AS priority,
             unnest(sqlc.arg(confidences)::double precision[]) AS confidence, unnest(sqlc.arg(providers)::text[]) AS provider) AS w
WHERE m.id = w.id AND m.provider IS DISTINCT FROM 'user'
  AND (m.is_issue, m.category, m.priority, m.confidence, m.provider)
      IS DISTINCT FROM (w.is_issue, w.category, w.priority, w.confidence, w.provider)
RETURNING m.id;

-- name: StoreDecisions :exec
-- judge_at, changed_at and trace_parents stay where the conversation has changed since it was read.
UPDATE conversations c SET
    is_issue = w.is_issue, category = w.category, priority = w.priority, confidence = w.confidence, provider = w.provider,
    model = w.model, prompt_version = w.prompt_version, quote = w.quote, reason = w.reason,
    signals = string_to_array(nullif(w.signals, ''), ','), decision = w.decision, explanation = w.explanation,
    judged_at = now(), held_since = NULL, judged_version = w.version, attempts = c.attempts + 1,
    changed_at = CASE WHEN c.version = w.version THEN NULL ELSE c.changed_at END,
    judge_at = CASE WHEN c.version = w.version THEN NULL ELSE c.judge_at END,
    trace_parents = CASE WHEN c.version = w.version THEN '' ELSE c.trace_parents END
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(versions)::bigint[]) AS version,
             unnest(sqlc.arg(is_issues)::boolean[]) AS is_issue, unnest(sqlc.arg(categories)::text[]) AS category,
             unnest(sqlc.arg(priorities)::text[]) AS priority, unnest(sqlc.arg(confidences)::double precision[]) AS confidence,
             unnest(sqlc.arg(providers)::text[]) AS provider, unnest(sqlc.arg(models)::text[]) AS model,
             unnest(sqlc.arg(prompt_versions)::text[]) AS prompt_version, unnest(sqlc.arg(quotes)::text[]) AS quote,
             unnest(sqlc.arg(reasons)::text[]) AS reason, unnest(sqlc.arg(signals)::text[]) AS signals,
             unnest(sqlc.arg(decisions)::text[]) AS decision, unnest(sqlc.arg(explanations)::text[]) AS explanation) AS w
WHERE c.id = w.id;

-- name: HoldConversations :exec
-- Until as long again has gone by as it has been held, within bounds.
UPDATE conversations c SET held_since = coalesce(c.held_since, now()), attempts = c.attempts + 1,
    judge_at = now() + least(sqlc.arg(longest)::interval, greatest(sqlc.arg(delay)::interval, now() - coalesce(c.held_since, now())))
WHERE c.id = ANY (sqlc.arg(ids)::bigint[]);

-- name: InsertAttempts :exec
INSERT INTO classification_attempts (conversation_id, version, provider, model, prompt_version, milliseconds, turns, is_issue, category,
                                     priority, confidence, quote, reason, signals, decision, explanation, error)
SELECT w.id, w.version, w.provider, w.model, w.prompt_version, w.milliseconds, w.turns,
       CASE WHEN w.provider <> '' THEN w.is_issue END, w.category, w.priority, CASE WHEN w.provider <> '' THEN w.confidence END, w.quote, w.reason,
       string_to_array(nullif(w.signals, ''), ','), w.decision, w.explanation, w.error
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(versions)::bigint[]) AS version,
             unnest(sqlc.arg(providers)::text[]) AS provider, unnest(sqlc.arg(models)::text[]) AS model,
             unnest(sqlc.arg(prompt_versions)::text[]) AS prompt_version, unnest(sqlc.arg(milliseconds)::double precision[]) AS milliseconds,
             unnest(sqlc.arg(turns)::int[]) AS turns, unnest(sqlc.arg(is_issues)::boolean[]) AS is_issue,
             unnest(sqlc.arg(categories)::text[]) AS category, unnest(sqlc.arg(priorities)::text[]) AS priority,
             unnest(sqlc.arg(confidences)::double precision[]) AS confidence, unnest(sqlc.arg(quotes)::text[]) AS quote,
             unnest(sqlc.arg(reasons)::text[]) AS reason, unnest(sqlc.arg(signals)::text[]) AS signals,
             unnest(sqlc.arg(decisions)::text[]) AS decision, unnest(sqlc.arg(explanations)::text[]) AS explanation,
             unnest(sqlc.arg(errors)::text[]) AS error) AS w;

-- name: TrimAttempts :exec
DELETE FROM classification_attempts a
USING (SELECT o.id FROM conversations c
       CROSS JOIN LATERAL (SELECT x.id FROM classification_attempts x WHERE x.conversation_id = c.id ORDER BY x.id DESC OFFSET 20) AS o
       WHERE c.id = ANY (sqlc.arg(ids)::bigint[]) AND c.attempts > 20) AS old
WHERE a.id = old.id;

-- name: TasksOfConversations :many
SELECT conversation_id, task_id, made FROM conversation_tasks WHERE conversation_id = ANY (sqlc.arg(ids)::bigint[]);

-- name: OriginsOfMessages :many
SELECT message_id, task_id FROM task_messages WHERE message_id = ANY (sqlc.arg(message_ids)::bigint[]) AND role = 'origin';

-- name: LockTasks :many
-- Under LockTaskLinks where kept_id counts: it is that of before a wait for the rows.
SELECT id, title, description, category, priority, status, ai_generated, assignee, due_at, labels,
       coalesce(kept_task(id), id)::bigint AS kept_id
FROM tasks WHERE id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY id FOR NO KEY UPDATE;

-- name: TaskDetails :many
SELECT * FROM task_details WHERE id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY id;

-- name: FieldsByPeople :many
-- What people have changed of tasks: the machine leaves it alone.
SELECT DISTINCT task_id, field FROM task_history WHERE task_id = ANY (sqlc.arg(ids)::bigint[]) AND actor_kind = 'user';

-- name: ReserveTasks :many
SELECT nextval(pg_get_serial_sequence('tasks', 'id'))::bigint AS id FROM generate_series(1, sqlc.arg(n)::int);

-- name: InsertTasks :exec
INSERT INTO tasks (id, title, description, category, priority, source, ai_generated, confidence, assignee, due_at, search, terms)
SELECT unnest(sqlc.arg(ids)::bigint[]), unnest(sqlc.arg(titles)::text[]), unnest(sqlc.arg(descriptions)::text[]), unnest(sqlc.arg(categories)::text[]),
       unnest(sqlc.arg(priorities)::text[]), unnest(sqlc.arg(sources)::text[]), true, unnest(sqlc.arg(confidences)::double precision[]),
       nullif(unnest(sqlc.arg(assignees)::text[]), ''), nullif(unnest(sqlc.arg(due_at)::timestamptz[]), '0001-01-01Z'),
       unnest(sqlc.arg(searches)::text[])::tsvector, string_to_array(unnest(sqlc.arg(terms)::text[]), E'\x1f');

-- name: LinkConversations :exec
-- No second task of one conversation: that breaks the key, and the transaction.
INSERT INTO conversation_tasks (conversation_id, task_id, made)
SELECT unnest(sqlc.arg(conversation_ids)::bigint[]), unnest(sqlc.arg(task_ids)::bigint[]), unnest(sqlc.arg(made)::boolean[]);

-- name: LinkOrigins :many
-- A message that already led to a task keeps it.
INSERT INTO task_messages (task_id, message_id)
SELECT w.task_id, w.message_id
FROM (SELECT unnest(sqlc.arg(task_ids)::bigint[]) AS task_id, unnest(sqlc.arg(message_ids)::bigint[]) AS message_id) AS w
ORDER BY w.message_id
ON CONFLICT DO NOTHING
RETURNING task_id, message_id;

-- name: InsertHistory :exec
INSERT INTO task_history (task_id, field, old_value, new_value, actor_kind, actor_name)
SELECT w.task_id, w.field, CASE WHEN w.has_old THEN w.old_value END, CASE WHEN w.has_new THEN w.new_value END,
       sqlc.arg(actor_kind)::text, w.actor
FROM (SELECT unnest(sqlc.arg(task_ids)::bigint[]) AS task_id, unnest(sqlc.arg(fields)::text[]) AS field,
             unnest(sqlc.arg(has_old)::boolean[]) AS has_old, unnest(sqlc.arg(old_values)::text[]) AS old_value,
             unnest(sqlc.arg(has_new)::boolean[]) AS has_new, unnest(sqlc.arg(new_values)::text[]) AS new_value,
             unnest(sqlc.arg(actors)::text[]) AS actor) AS w;

-- name: SetTaskConfidence :exec
UPDATE tasks SET confidence = sqlc.arg(confidence)::double precision WHERE id = sqlc.arg(id);

-- name: InsertEvents :many
-- Nobody else takes them for a while: who writes them publishes them.
INSERT INTO outbox (subject, payload, trace_parent, not_before)
SELECT w.subject, w.payload, w.trace_parent, now() + sqlc.arg(delay)::interval
FROM (SELECT unnest(sqlc.arg(subjects)::text[]) AS subject, unnest(sqlc.arg(payloads)::bytea[]) AS payload,
             unnest(sqlc.arg(trace_parents)::text[]) AS trace_parent) AS w
RETURNING *;
