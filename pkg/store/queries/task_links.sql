-- name: LockTaskLinks :exec
-- Whoever compares issues, or changes links, does so one at a time: else two workers would each make a task of one
-- problem. Taken after conversations, messages and proposals, and before tasks.
SELECT pg_advisory_xact_lock(hashtextextended('task_links', 0));

-- name: SimilarTasks :many
-- For each new issue the tasks that share most of its terms: open ones, those completed of late, and those that
-- were merged into such. Tasks that a person said are not the same are left out, also where they were merged since.
SELECT w.n::int AS n, c.*
FROM (SELECT unnest(sqlc.arg(ns)::int[]) AS n, unnest(sqlc.arg(conversation_ids)::bigint[]) AS conversation_id,
             string_to_array(unnest(sqlc.arg(terms)::text[]), E'\x1f') AS terms) AS w
CROSS JOIN LATERAL (
    SELECT t.id, t.title, t.description, t.category, k.id AS kept_id, k.status AS kept_status
    FROM (SELECT t.id
          FROM unnest(w.terms) AS s (term)
          JOIN tasks t ON t.terms @> ARRAY[s.term] -- one by one: that counts them without reading the task's own
          WHERE t.category <> 'summary'
            AND (t.status IN ('open', 'pending', 'in_progress') OR t.duplicate_of_id IS NOT NULL
                 OR t.status = 'completed' AND t.updated_at > now() - sqlc.arg(recent)::interval)
          GROUP BY t.id
          ORDER BY count(*) DESC, t.id DESC
          LIMIT sqlc.arg(most)::int) AS f
    JOIN tasks t ON t.id = f.id
    JOIN tasks k ON k.id = CASE WHEN t.duplicate_of_id IS NULL THEN t.id ELSE kept_task(t.id) END
    WHERE (k.status IN ('open', 'pending', 'in_progress') OR k.status = 'completed' AND k.updated_at > now() - sqlc.arg(recent)::interval)
      AND NOT EXISTS (SELECT FROM task_links l
                      WHERE l.conversation_id = w.conversation_id AND l.status = 'refused' AND kept_task(l.task_id) = k.id)
) AS c
ORDER BY w.n, c.id;

-- name: InsertTaskLinks :many
-- A pair that is linked, or was refused, stays as it is.
INSERT INTO task_links (task_id, other_task_id, conversation_id, status, score, reason, shared, issue)
SELECT w.task_id, nullif(w.other_task_id, 0), w.conversation_id, w.status, w.score, w.reason, string_to_array(nullif(w.shared, ''), E'\x1f', ''),
       nullif(w.issue, '')::jsonb
FROM (SELECT unnest(sqlc.arg(task_ids)::bigint[]) AS task_id, unnest(sqlc.arg(other_task_ids)::bigint[]) AS other_task_id,
             unnest(sqlc.arg(conversation_ids)::bigint[]) AS conversation_id, unnest(sqlc.arg(statuses)::text[]) AS status,
             unnest(sqlc.arg(scores)::double precision[]) AS score, unnest(sqlc.arg(reasons)::text[]) AS reason,
             unnest(sqlc.arg(shared)::text[]) AS shared, unnest(sqlc.arg(issues)::text[]) AS issue) AS w
ON CONFLICT DO NOTHING
RETURNING task_id, status;

-- name: AttachTaskLinks :exec
-- Links of conversations whose messages are attached now.
UPDATE task_links l SET status = 'attached', score = w.score, reason = w.reason, issue = w.issue::jsonb
FROM (SELECT unnest(sqlc.arg(task_ids)::bigint[]) AS task_id, unnest(sqlc.arg(conversation_ids)::bigint[]) AS conversation_id,
             unnest(sqlc.arg(scores)::double precision[]) AS score, unnest(sqlc.arg(reasons)::text[]) AS reason,
             unnest(sqlc.arg(issues)::text[]) AS issue) AS w
WHERE l.task_id = w.task_id AND l.conversation_id = w.conversation_id AND l.status = 'open';

-- name: LinksBecomeOfTasks :many
-- What conversations said has become tasks: their links are of two tasks from now on.
UPDATE task_links l SET other_task_id = w.task_id
FROM (SELECT unnest(sqlc.arg(conversation_ids)::bigint[]) AS conversation_id, unnest(sqlc.arg(task_ids)::bigint[]) AS task_id) AS w
WHERE l.conversation_id = w.conversation_id AND l.other_task_id IS NULL AND l.task_id <> w.task_id
  AND NOT EXISTS (SELECT FROM task_links o
                  WHERE least(o.task_id, o.other_task_id) = least(l.task_id, w.task_id) AND greatest(o.task_id, o.other_task_id) = greatest(l.task_id, w.task_id))
RETURNING l.task_id, l.status;

-- name: LinksBecomeOfProposal :exec
-- The task is undone that a conversation had become.
UPDATE task_links SET other_task_id = NULL WHERE conversation_id = sqlc.arg(conversation_id)::bigint AND other_task_id = sqlc.arg(task_id)::bigint AND status IN ('open', 'refused');

-- name: SettleProposalLink :exec
-- Of a proposal that a person merged into a task, or (open) of one that he took out again.
UPDATE task_links SET status = sqlc.arg(status), decided_by = sqlc.arg(decided_by), decided_at = now()
WHERE conversation_id = sqlc.arg(conversation_id)::bigint AND task_id = sqlc.arg(task_id) AND other_task_id IS NULL AND status = sqlc.arg(was);

-- name: MoveTaskLinks :exec
-- What hangs on conversations that have become part of others. Of two links of one pair the refused one stays.
WITH gone AS (
    SELECT unnest(sqlc.arg(gone)::bigint[]) AS id, unnest(sqlc.arg(heirs)::bigint[]) AS heir
), twice AS (
    SELECT l.id, l.status, h.id AS kept FROM gone g
    JOIN task_links l ON l.conversation_id = g.id
    JOIN task_links h ON h.conversation_id = g.heir AND h.task_id = l.task_id
), refused AS (
    UPDATE task_links h SET status = 'refused' FROM twice t WHERE h.id = t.kept AND t.status = 'refused' AND h.status = 'open'
), first AS (
    SELECT DISTINCT ON (g.heir, l.task_id) l.id, g.heir FROM gone g
    JOIN task_links l ON l.conversation_id = g.id
    WHERE l.id NOT IN (SELECT t.id FROM twice t)
    ORDER BY g.heir, l.task_id, l.status <> 'refused', l.id
)
UPDATE task_links l SET conversation_id = f.heir FROM first f WHERE l.id = f.id;

-- name: DropLostTaskLinks :exec
-- Of conversations that are about to go, what is not known by its two tasks.
DELETE FROM task_links WHERE conversation_id = ANY (sqlc.arg(ids)::bigint[]) AND other_task_id IS NULL;

-- name: TaskLinksOfTask :many
SELECT * FROM task_link_details WHERE task_id = sqlc.arg(task_id)::bigint OR other_task_id = sqlc.arg(task_id)::bigint ORDER BY id DESC LIMIT 200;

-- name: GetTaskLink :one
SELECT * FROM task_link_details WHERE id = sqlc.arg(id);

-- name: OpenTaskLinks :many
-- Those that wait for a person.
SELECT * FROM task_link_details
WHERE status = 'open' AND id < sqlc.arg(before) AND (other_task_id IS NOT NULL OR proposal_status IN ('pending', 'snoozed'))
ORDER BY id DESC LIMIT sqlc.arg(max_rows);

-- name: TaskLinksOfConversation :many
SELECT * FROM task_link_details WHERE conversation_id = sqlc.arg(conversation_id)::bigint ORDER BY id DESC LIMIT 20;

-- name: LockTaskLink :one
SELECT * FROM task_links WHERE id = sqlc.arg(id) FOR NO KEY UPDATE;

-- name: LinkOfPair :many
-- None, or the one.
SELECT id FROM task_links
WHERE other_task_id IS NOT NULL AND least(task_id, other_task_id) = least(sqlc.arg(a)::bigint, sqlc.arg(b)::bigint)
  AND greatest(task_id, other_task_id) = greatest(sqlc.arg(a)::bigint, sqlc.arg(b)::bigint);

-- name: InsertTaskLink :one
-- By a person.
INSERT INTO task_links (task_id, other_task_id, created_by) VALUES (sqlc.arg(task_id), sqlc.arg(other_task_id)::bigint, sqlc.arg(created_by)) RETURNING id;

-- name: WriteTaskLink :exec
UPDATE task_links SET status = sqlc.arg(status), other_task_id = sqlc.narg(other_task_id), previous = sqlc.narg(previous),
    decided_by = sqlc.arg(decided_by), decided_at = sqlc.narg(decided_at)
WHERE id = sqlc.arg(id);

-- name: KeptTask :one
SELECT coalesce(kept_task(sqlc.arg(id)::bigint), 0)::bigint AS id;

-- name: ConversationsOfTasks :many
SELECT conversation_id FROM conversation_tasks WHERE task_id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY conversation_id;

-- name: MoveOrigins :many
-- All messages that lead to a task lead to another from now on.
UPDATE task_messages SET task_id = sqlc.arg(to_task)::bigint WHERE task_id = sqlc.arg(from_task)::bigint AND role = 'origin' RETURNING message_id;

-- name: MoveSomeOrigins :many
-- Those of them that lead to one of some tasks.
UPDATE task_messages SET task_id = sqlc.arg(to_task)::bigint
WHERE message_id = ANY (sqlc.arg(message_ids)::bigint[]) AND task_id = ANY (sqlc.arg(from_tasks)::bigint[]) AND role = 'origin'
RETURNING message_id;

-- name: MoveConversations :many
-- All conversations that lead to a task, attached to another from now on; with what they were.
WITH was AS (
    SELECT c.conversation_id, c.made FROM conversation_tasks c WHERE c.task_id = sqlc.arg(from_task)::bigint ORDER BY c.conversation_id FOR UPDATE
)
UPDATE conversation_tasks c SET task_id = sqlc.arg(to_task)::bigint, made = false FROM was
WHERE c.conversation_id = was.conversation_id
RETURNING c.conversation_id, was.made;

-- name: MoveSomeConversations :exec
UPDATE conversation_tasks c SET task_id = sqlc.arg(to_task)::bigint, made = w.made
FROM (SELECT unnest(sqlc.arg(conversation_ids)::bigint[]) AS id, unnest(sqlc.arg(made)::boolean[]) AS made) AS w
WHERE c.conversation_id = w.id AND c.task_id = ANY (sqlc.arg(from_tasks)::bigint[]);

-- name: MessagesOfConversations :many
SELECT message_id FROM conversation_messages WHERE conversation_id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY message_id;

-- name: OriginsOfTask :many
-- The messages that lead to a task, with the conversation of each; 0 for none.
SELECT t.message_id, coalesce(c.conversation_id, 0)::bigint AS conversation_id
FROM task_messages t LEFT JOIN conversation_messages c ON c.message_id = t.message_id
WHERE t.task_id = sqlc.arg(task_id) AND t.role = 'origin' ORDER BY t.message_id;

-- name: DetachOrigins :many
-- Messages lead to a task no more, nor what came to it later of their conversations: the machine adds that.
DELETE FROM task_messages d
WHERE d.task_id = sqlc.arg(task_id)::bigint AND d.role = 'origin'
  AND (d.message_id = ANY (sqlc.arg(message_ids)::bigint[])
       OR EXISTS (SELECT FROM task_messages o
                  JOIN conversation_messages a ON a.message_id = o.message_id
                  JOIN conversation_messages b ON b.conversation_id = a.conversation_id
                  WHERE o.task_id = sqlc.arg(task_id)::bigint AND o.message_id = ANY (sqlc.arg(message_ids)::bigint[])
                    AND b.message_id = d.message_id AND o.created_at < d.created_at))
RETURNING d.message_id;

-- name: SetDuplicateOf :exec
UPDATE tasks SET duplicate_of_id = sqlc.narg(duplicate_of_id), status = sqlc.arg(status), updated_at = greatest(now(), created_at) WHERE id = sqlc.arg(id);

-- name: UndoLinkFeedback :exec
-- The newest about a link.
UPDATE feedback SET undone_at = now()
WHERE id = (SELECT max(f.id) FROM feedback f WHERE f.link_id = sqlc.arg(link_id) AND f.undone_at IS NULL);

-- name: AttachedLinkOf :many
-- The link by which exactly one conversation was attached to a task; none, or the one.
SELECT id FROM task_links WHERE task_id = sqlc.arg(task_id) AND conversation_id = sqlc.arg(conversation_id)::bigint AND status = 'attached';
