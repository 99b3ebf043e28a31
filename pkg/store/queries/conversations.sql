-- name: MessagesToGroup :many
-- The messages as they are stored, whether grouped before or not.
SELECT m.id, m.source_id, m.chat_id, m.thread_id, m.external_message_id, m.reply_to_external_id
FROM messages m
WHERE m.id = ANY (sqlc.arg(ids)::bigint[])
ORDER BY m.id;

-- name: EnsureChatThreads :exec
INSERT INTO chat_threads (source_id, chat_id, thread_id)
SELECT unnest(sqlc.arg(source_ids)::bigint[]), unnest(sqlc.arg(chat_ids)::text[]), unnest(sqlc.arg(thread_ids)::text[])
ON CONFLICT (source_id, chat_id, thread_id) DO NOTHING;

-- name: ChatThreads :many
SELECT t.*
FROM (SELECT unnest(sqlc.arg(source_ids)::bigint[]) AS source_id, unnest(sqlc.arg(chat_ids)::text[]) AS chat_id,
             unnest(sqlc.arg(thread_ids)::text[]) AS thread_id) AS wanted
JOIN chat_threads t ON t.source_id = wanted.source_id AND t.chat_id = wanted.chat_id AND t.thread_id = wanted.thread_id;

-- name: LockChatThreads :many
-- In one order, so that two who group cannot wait for each other in a circle.
SELECT id FROM chat_threads WHERE id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY id FOR NO KEY UPDATE;

-- name: Arrived :many
-- What grouping needs to know of messages, with what is stored of them; after the lock.
-- reply_to is the id of what they answer, if that is, or is just being, grouped in the same topic.
SELECT m.id AS message_id, t.id AS chat_thread_id, m.sent_at, m.position, m.author_id, m.media_group_id,
       coalesce(a.message_id, 0)::bigint AS reply_to, coalesce(m.edited_at, m.sent_at)::timestamptz AS content_at,
       m.changed_by_version AS content_version, m.content, m.has_words, m.reply_to_external_id, coalesce(c.opens, false)::boolean AS opens,
       (c.message_id IS NOT NULL)::boolean AS grouped,
       coalesce(c.burst_id, 0)::bigint AS burst_id, coalesce(c.conversation_id, 0)::bigint AS conversation_id,
       coalesce(c.chat_thread_id, 0)::bigint AS was_thread,
       ((c.content_at, c.content_version) IS NOT DISTINCT FROM (coalesce(m.edited_at, m.sent_at), m.changed_by_version))::boolean AS same_content,
       ((c.sent_at, c.author_id, c.media_group_id, c.reply_to)
           IS NOT DISTINCT FROM (m.sent_at, m.author_id, m.media_group_id, coalesce(a.message_id, 0)))::boolean AS same_place
FROM messages m
JOIN chat_threads t ON t.source_id = m.source_id AND t.chat_id = m.chat_id AND t.thread_id = m.thread_id
LEFT JOIN conversation_messages c ON c.message_id = m.id
LEFT JOIN LATERAL (
    SELECT r.id AS message_id
    FROM messages r
    LEFT JOIN conversation_messages g ON g.message_id = r.id
    WHERE r.source_id = m.source_id AND r.chat_id = m.chat_id AND r.id <> m.id
      AND r.external_message_id = nullif(m.reply_to_external_id, '') -- NULL ends the search before it begins
      AND (g.chat_thread_id = t.id OR g.message_id IS NULL AND r.thread_id = m.thread_id AND r.id = ANY (sqlc.arg(ids)::bigint[]))
) AS a ON true
WHERE m.id = ANY (sqlc.arg(ids)::bigint[])
ORDER BY m.id;

-- name: WaitingReplies :many
-- Messages that were grouped before what they answer was there.
SELECT r.id
FROM messages m
JOIN messages r ON r.reply_to_external_id = m.external_message_id AND r.reply_to_external_id <> ''
               AND r.source_id = m.source_id AND r.chat_id = m.chat_id AND r.thread_id = m.thread_id AND r.id <> m.id
JOIN conversation_messages c ON c.message_id = r.id
WHERE m.id = ANY (sqlc.arg(ids)::bigint[]) AND c.reply_to <> m.id;

-- name: Spans :many
-- The neighbourhoods of arrivals (conversation.Span), each message once per span.
SELECT s.n::int AS n, m.message_id, m.sent_at, m.position, m.author_id, m.media_group_id, m.reply_to, m.opens, m.burst_id, m.conversation_id
FROM (SELECT unnest(sqlc.arg(numbers)::int[]) AS n, unnest(sqlc.arg(threads)::bigint[]) AS thread,
             unnest(sqlc.arg(first_at)::timestamptz[]) AS first_at, unnest(sqlc.arg(first_positions)::bigint[]) AS first_position,
             unnest(sqlc.arg(first_ids)::bigint[]) AS first_id, unnest(sqlc.arg(last_at)::timestamptz[]) AS last_at,
             unnest(sqlc.arg(last_positions)::bigint[]) AS last_position, unnest(sqlc.arg(last_ids)::bigint[]) AS last_id,
             unnest(sqlc.arg(from_at)::timestamptz[]) AS from_at, unnest(sqlc.arg(to_at)::timestamptz[]) AS to_at) AS s
CROSS JOIN LATERAL (
    (SELECT c.* FROM conversation_messages c
     WHERE c.chat_thread_id = s.thread AND (c.sent_at, c.position, c.message_id) < (s.first_at, s.first_position, s.first_id) AND c.sent_at >= s.from_at
     ORDER BY c.sent_at DESC, c.position DESC, c.message_id DESC LIMIT sqlc.arg(most)::bigint)
    UNION ALL
    (SELECT c.* FROM conversation_messages c
     WHERE c.chat_thread_id = s.thread AND (c.sent_at, c.position, c.message_id) >= (s.first_at, s.first_position, s.first_id)
       AND (c.sent_at, c.position, c.message_id) <= (s.last_at, s.last_position, s.last_id))
    UNION ALL
    (SELECT c.* FROM conversation_messages c
     WHERE c.chat_thread_id = s.thread AND (c.sent_at, c.position, c.message_id) > (s.last_at, s.last_position, s.last_id) AND c.sent_at <= s.to_at
     ORDER BY c.sent_at, c.position, c.message_id LIMIT sqlc.arg(most)::bigint)
) AS m;

-- name: GroupedPlaces :many
SELECT c.message_id, c.chat_thread_id, c.sent_at, c.burst_id, c.conversation_id
FROM conversation_messages c
WHERE c.message_id = ANY (sqlc.arg(ids)::bigint[]);

-- name: BurstsOfConversations :many
SELECT c.chat_thread_id, c.burst_id, max(c.sent_at)::timestamptz AS last_at
FROM conversation_messages c
WHERE c.conversation_id = ANY (sqlc.arg(conversation_ids)::bigint[])
GROUP BY c.chat_thread_id, c.burst_id;

-- name: ReplyTrees :many
-- The bursts of the trees of replies around some bursts (Settings.Conversations): upwards
-- along what their first messages answer, then downwards along what answers them, of each
-- thread no later than until.
WITH RECURSIVE up (burst_id, hop) AS (
    SELECT unnest(sqlc.arg(burst_ids)::bigint[]), 0
    UNION
    SELECT t.burst_id, up.hop + 1
    FROM up
    JOIN conversation_messages f ON f.message_id = up.burst_id AND f.reply_to <> 0
    JOIN conversation_messages t ON t.message_id = f.reply_to
    WHERE up.hop < sqlc.arg(hops_up)::int
), down (burst_id, hop) AS (
    SELECT DISTINCT up.burst_id, 0 FROM up
    UNION
    SELECT r.burst_id, down.hop + 1
    FROM down
    JOIN conversation_messages m ON m.burst_id = down.burst_id
    JOIN conversation_messages r ON r.reply_to = m.message_id AND r.message_id = r.burst_id AND r.reply_to <> 0
    JOIN (SELECT unnest(sqlc.arg(threads)::bigint[]) AS thread, unnest(sqlc.arg(until)::timestamptz[]) AS until) AS w
        ON w.thread = r.chat_thread_id AND r.sent_at <= w.until
    WHERE down.hop < sqlc.arg(hops_down)::int
)
SELECT m.message_id, m.chat_thread_id, m.sent_at, m.position, m.author_id, m.media_group_id, m.reply_to, m.opens, m.burst_id, m.conversation_id
FROM conversation_messages m
WHERE m.burst_id IN (SELECT d.burst_id FROM down d);

-- name: LockConversations :exec
-- In one order; see LockChatThreads. Here and wherever a row is locked: FOR UPDATE would hold up who only refers to it,
-- such as a correction, and may itself be waited for.
SELECT id FROM conversations WHERE id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY id FOR NO KEY UPDATE;

-- name: LockIdleConversations :many
-- Without waiting: those that are being grouped anew are left out.
SELECT id, version FROM conversations WHERE id = ANY (sqlc.arg(ids)::bigint[]) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED;

-- name: SetBursts :exec
UPDATE conversation_messages c SET burst_id = w.burst_id
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(burst_ids)::bigint[]) AS burst_id) AS w
WHERE c.message_id = w.id;

-- name: SetConversations :exec
UPDATE conversation_messages c SET conversation_id = w.conversation_id
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(conversation_ids)::bigint[]) AS conversation_id) AS w
WHERE c.message_id = w.id;

-- name: SetPlaces :exec
-- What an edit, or the arrival of what they answer, changed of grouped messages.
UPDATE conversation_messages c
SET sent_at = w.sent_at, author_id = w.author_id, media_group_id = w.media_group_id, reply_to = w.reply_to, opens = w.opens,
    judged = c.judged AND c.content_at = w.content_at AND c.content_version = w.content_version,
    content_at = w.content_at, content_version = w.content_version
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(sent_at)::timestamptz[]) AS sent_at,
             unnest(sqlc.arg(author_ids)::text[]) AS author_id, unnest(sqlc.arg(media_group_ids)::text[]) AS media_group_id,
             unnest(sqlc.arg(reply_to)::bigint[]) AS reply_to, unnest(sqlc.arg(opens)::boolean[]) AS opens, unnest(sqlc.arg(content_at)::timestamptz[]) AS content_at,
             unnest(sqlc.arg(content_versions)::bigint[]) AS content_version) AS w
WHERE c.message_id = w.id;

-- name: InsertConversationMessages :exec
INSERT INTO conversation_messages (message_id, chat_thread_id, sent_at, position, author_id, reply_to, opens, media_group_id,
                                   burst_id, conversation_id, content_at, content_version)
SELECT unnest(sqlc.arg(ids)::bigint[]), unnest(sqlc.arg(threads)::bigint[]), unnest(sqlc.arg(sent_at)::timestamptz[]),
       unnest(sqlc.arg(positions)::bigint[]), unnest(sqlc.arg(author_ids)::text[]), unnest(sqlc.arg(reply_to)::bigint[]), unnest(sqlc.arg(opens)::boolean[]),
       unnest(sqlc.arg(media_group_ids)::text[]), unnest(sqlc.arg(burst_ids)::bigint[]), unnest(sqlc.arg(conversation_ids)::bigint[]),
       unnest(sqlc.arg(content_at)::timestamptz[]), unnest(sqlc.arg(content_versions)::bigint[]);

-- name: UpsertConversations :exec
-- Each has changed, and is to be judged when it has been quiet, or at most six times as
-- long after the first change.
INSERT INTO conversations AS c (id, chat_thread_id, first_at, last_at, messages, trace_parents, changed_at, judge_at)
SELECT unnest(sqlc.arg(ids)::bigint[]), unnest(sqlc.arg(threads)::bigint[]), unnest(sqlc.arg(first_at)::timestamptz[]),
       unnest(sqlc.arg(last_at)::timestamptz[]), unnest(sqlc.arg(messages)::int[]), unnest(sqlc.arg(trace_parents)::text[]),
       now(), now() + sqlc.arg(quiet)::interval
ON CONFLICT (id) DO UPDATE SET
    first_at = excluded.first_at, last_at = excluded.last_at, messages = excluded.messages, version = c.version + 1,
    trace_parents = right(btrim(c.trace_parents || ' ' || excluded.trace_parents), sqlc.arg(trace_length)::int),
    changed_at = coalesce(c.changed_at, now()),
    judge_at = least(now() + sqlc.arg(quiet)::interval, greatest(now(), coalesce(c.changed_at, now()) + 6 * sqlc.arg(quiet)::interval));

-- name: TouchConversations :exec
-- Of those in which something is to be judged anew.
UPDATE conversations c SET version = c.version + 1, changed_at = coalesce(c.changed_at, now()),
    trace_parents = right(btrim(c.trace_parents || ' ' || w.trace_parents), sqlc.arg(trace_length)::int),
    judge_at = least(now() + sqlc.arg(quiet)::interval, greatest(now(), coalesce(c.changed_at, now()) + 6 * sqlc.arg(quiet)::interval))
FROM (SELECT unnest(sqlc.arg(ids)::bigint[]) AS id, unnest(sqlc.arg(trace_parents)::text[]) AS trace_parents) AS w
WHERE c.id = w.id;

-- name: MoveConversationTasks :exec
-- A conversation that took over from another takes its task too, unless it has one. Of
-- several, that of the first.
WITH gone AS (
    SELECT unnest(sqlc.arg(gone)::bigint[]) AS id, unnest(sqlc.arg(heirs)::bigint[]) AS heir
), moved AS (
    SELECT DISTINCT ON (g.heir) g.id, g.heir
    FROM gone g
    JOIN conversation_tasks t ON t.conversation_id = g.id
    WHERE NOT EXISTS (SELECT FROM conversation_tasks h WHERE h.conversation_id = g.heir)
    ORDER BY g.heir, g.id
)
UPDATE conversation_tasks t SET conversation_id = m.heir FROM moved m WHERE t.conversation_id = m.id;

-- name: MoveProposals :exec
-- As MoveConversationTasks.
WITH gone AS (
    SELECT unnest(sqlc.arg(gone)::bigint[]) AS id, unnest(sqlc.arg(heirs)::bigint[]) AS heir
), moved AS (
    SELECT DISTINCT ON (g.heir) g.id, g.heir
    FROM gone g
    JOIN proposals p ON p.conversation_id = g.id
    WHERE NOT EXISTS (SELECT FROM proposals h WHERE h.conversation_id = g.heir)
    ORDER BY g.heir, g.id
)
UPDATE proposals p SET conversation_id = m.heir FROM moved m WHERE p.conversation_id = m.id;

-- name: WithdrawGoneProposals :many
-- Those that wait, of conversations that are part of one that has its own.
UPDATE proposals SET status = 'withdrawn', snoozed_until = NULL, previous = NULL, decided_at = now(), decided_by = 'ai', updated_at = now(),
    comment = 'The conversation has become part of another one.'
WHERE conversation_id = ANY (sqlc.arg(gone)::bigint[]) AND status IN ('pending', 'snoozed')
RETURNING id;

-- name: MoveAttempts :exec
UPDATE classification_attempts a SET conversation_id = w.heir
FROM (SELECT unnest(sqlc.arg(gone)::bigint[]) AS id, unnest(sqlc.arg(heirs)::bigint[]) AS heir) AS w
WHERE a.conversation_id = w.id;

-- name: MoveFeedback :exec
UPDATE feedback f SET conversation_id = w.heir
FROM (SELECT unnest(sqlc.arg(gone)::bigint[]) AS id, unnest(sqlc.arg(heirs)::bigint[]) AS heir) AS w
WHERE f.conversation_id = w.id;

-- name: DeleteConversations :exec
DELETE FROM conversations WHERE id = ANY (sqlc.arg(ids)::bigint[]);
