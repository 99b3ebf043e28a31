-- name: ListMessages :many
-- The ids of a page. Each source gives its newest rows after the cursor, from its index, of which the newest of
-- all are taken. There are few sources. To be planned for its values: what is read of each message is
-- therefore another query's, whose joins cost more to plan than to do.
-- Messages of one second stand in the order of their chat where it is of one chat, whose
-- numbers (position) can be compared, else in that of their ids.
WITH page AS MATERIALIZED (
    SELECT p.id, p.sent_at, p.position
    FROM unnest(sqlc.arg(source_ids)::bigint[]) AS wanted (source_id)
    CROSS JOIN LATERAL (
        SELECT m.id, m.sent_at, CASE WHEN sqlc.narg(chat_id)::text IS NULL THEN 0 ELSE m.position END AS position
        FROM messages m
        WHERE m.source_id = wanted.source_id
          AND (sqlc.narg(sent_from)::timestamptz IS NULL OR m.sent_at >= sqlc.narg(sent_from)::timestamptz)
          AND (sqlc.narg(sent_to)::timestamptz IS NULL OR m.sent_at < sqlc.narg(sent_to)::timestamptz)
          AND (sqlc.narg(before_at)::timestamptz IS NULL
               OR (m.sent_at, CASE WHEN sqlc.narg(chat_id)::text IS NULL THEN 0 ELSE m.position END, m.id)
                  < (sqlc.narg(before_at)::timestamptz, sqlc.narg(before_position)::bigint, sqlc.narg(before_id)::bigint))
          AND (sqlc.narg(author_name_ids)::bigint[] IS NULL OR m.author_name_id = ANY (sqlc.narg(author_name_ids)::bigint[]))
          AND (sqlc.narg(chat_id)::text IS NULL OR m.chat_id = sqlc.narg(chat_id)::text)
          AND (sqlc.narg(category)::text IS NULL
               OR (m.is_issue IS NOT NULL AND m.category = sqlc.narg(category)::text))
          AND (sqlc.narg(is_issue)::boolean IS NULL
               OR (m.is_issue IS NOT NULL AND m.is_issue = sqlc.narg(is_issue)::boolean))
          AND (sqlc.narg(unclassified)::boolean IS NULL OR m.is_issue IS NULL)
          AND (sqlc.narg(reached)::int IS NULL
               OR EXISTS (SELECT FROM message_reached(m.id) AS r (stage) WHERE r.stage >= sqlc.narg(reached)::int))
          AND (sqlc.narg(query)::text IS NULL OR m.search @@ sqlc.narg(query)::text::tsquery)
        ORDER BY m.sent_at DESC, CASE WHEN sqlc.narg(chat_id)::text IS NULL THEN 0 ELSE m.position END DESC, m.id DESC
        LIMIT sqlc.arg(max_rows)::bigint
    ) AS p
    ORDER BY p.sent_at DESC, p.position DESC, p.id DESC
    LIMIT sqlc.arg(max_rows)::bigint
)
SELECT id FROM page ORDER BY sent_at DESC, position DESC, id DESC;

-- name: ListMessagesAmong :many
-- As ListMessages, of the rows that a search finds, of which it reads max_hits at most, or of those with ids.
-- These are read first, whatever PostgreSQL thinks of the other filters; by the index those that lead finds.
WITH hits AS MATERIALIZED (
    SELECT h.id, h.sent_at, h.position, h.source_id, h.author_name_id, h.chat_id, h.category, h.is_issue
    FROM messages_hits(sqlc.narg(lead)::text::tsquery, sqlc.narg(query)::text::tsquery, sqlc.arg(max_hits)::bigint)
         AS h (id, sent_at, "position", source_id, author_name_id, chat_id, category, is_issue)
    WHERE sqlc.narg(ids)::bigint[] IS NULL
    UNION ALL
    SELECT m.id, m.sent_at, m.position, m.source_id, m.author_name_id, m.chat_id, m.category, m.is_issue
    FROM messages m
    WHERE m.id = ANY (sqlc.narg(ids)::bigint[]) AND (sqlc.narg(query)::text IS NULL OR m.search @@ sqlc.narg(query)::text::tsquery)
), page AS MATERIALIZED (
    SELECT m.id, m.sent_at, CASE WHEN sqlc.narg(chat_id)::text IS NULL THEN 0 ELSE m.position END AS position
    FROM hits m
    WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[])
      AND (sqlc.narg(sent_from)::timestamptz IS NULL OR m.sent_at >= sqlc.narg(sent_from)::timestamptz)
      AND (sqlc.narg(sent_to)::timestamptz IS NULL OR m.sent_at < sqlc.narg(sent_to)::timestamptz)
      AND (sqlc.narg(before_at)::timestamptz IS NULL
           OR (m.sent_at, CASE WHEN sqlc.narg(chat_id)::text IS NULL THEN 0 ELSE m.position END, m.id)
                  < (sqlc.narg(before_at)::timestamptz, sqlc.narg(before_position)::bigint, sqlc.narg(before_id)::bigint))
      AND (sqlc.narg(author_name_ids)::bigint[] IS NULL OR m.author_name_id = ANY (sqlc.narg(author_name_ids)::bigint[]))
      AND (sqlc.narg(chat_id)::text IS NULL OR m.chat_id = sqlc.narg(chat_id)::text)
      AND (sqlc.narg(category)::text IS NULL
           OR (m.is_issue IS NOT NULL AND m.category = sqlc.narg(category)::text))
      AND (sqlc.narg(is_issue)::boolean IS NULL
           OR (m.is_issue IS NOT NULL AND m.is_issue = sqlc.narg(is_issue)::boolean))
      AND (sqlc.narg(unclassified)::boolean IS NULL OR m.is_issue IS NULL)
      AND (sqlc.narg(reached)::int IS NULL
           OR EXISTS (SELECT FROM message_reached(m.id) AS r (stage) WHERE r.stage >= sqlc.narg(reached)::int))
    ORDER BY m.sent_at DESC, CASE WHEN sqlc.narg(chat_id)::text IS NULL THEN 0 ELSE m.position END DESC, m.id DESC
    LIMIT sqlc.arg(max_rows)::bigint
)
SELECT id::bigint AS id, (SELECT count(*) FROM hits) AS found FROM page ORDER BY sent_at DESC, position DESC, id DESC;

-- name: MessagesExpected :many
SELECT search_expected('messages', q.query::tsquery)::double precision AS n
FROM unnest(sqlc.arg(queries)::text[]) WITH ORDINALITY AS q (query, position)
ORDER BY q.position;

-- name: CountMessagesFound :one
SELECT count(*) FROM messages_found(sqlc.arg(query)::text::tsquery, sqlc.arg(most)::bigint);

-- name: ListMessagesOfAuthors :many
-- As ListMessages, by author names instead of sources.
WITH page AS MATERIALIZED (
    SELECT p.id, p.sent_at
    FROM unnest(sqlc.arg(author_name_ids)::bigint[]) AS wanted (author_name_id)
    CROSS JOIN LATERAL (
        SELECT m.id, m.sent_at
        FROM messages m
        WHERE m.author_name_id = wanted.author_name_id
          AND (sqlc.narg(sent_from)::timestamptz IS NULL OR m.sent_at >= sqlc.narg(sent_from)::timestamptz)
          AND (sqlc.narg(sent_to)::timestamptz IS NULL OR m.sent_at < sqlc.narg(sent_to)::timestamptz)
          AND (sqlc.narg(before_at)::timestamptz IS NULL
               OR (m.sent_at, m.id)
                  < (sqlc.narg(before_at)::timestamptz, sqlc.narg(before_id)::bigint))
          AND (sqlc.narg(category)::text IS NULL
               OR (m.is_issue IS NOT NULL AND m.category = sqlc.narg(category)::text))
          AND (sqlc.narg(is_issue)::boolean IS NULL
               OR (m.is_issue IS NOT NULL AND m.is_issue = sqlc.narg(is_issue)::boolean))
          AND (sqlc.narg(unclassified)::boolean IS NULL OR m.is_issue IS NULL)
          AND (sqlc.narg(reached)::int IS NULL
               OR EXISTS (SELECT FROM message_reached(m.id) AS r (stage) WHERE r.stage >= sqlc.narg(reached)::int))
        ORDER BY m.sent_at DESC, m.id DESC
        LIMIT sqlc.arg(max_rows)::bigint
    ) AS p
    ORDER BY p.sent_at DESC, p.id DESC
    LIMIT sqlc.arg(max_rows)::bigint
)
SELECT id FROM page ORDER BY sent_at DESC, id DESC;

-- name: SourcesLike :many
SELECT id FROM sources WHERE strpos(lower(name), lower(sqlc.arg(part)::text)) > 0;

-- name: AuthorNamesLike :many
SELECT id FROM author_names
WHERE source_id = ANY (sqlc.arg(source_ids)::bigint[]) AND strpos(lower(name), lower(sqlc.arg(part)::text)) > 0;

-- name: OtherAuthorNames :many
-- The names that have messages besides those known to. One that edits have left without, or
-- whose first message is not stored yet, has none.
SELECT n.id, n.name
FROM author_names n
CROSS JOIN LATERAL (SELECT m.id FROM messages m WHERE m.author_name_id = n.id LIMIT 1) AS used
WHERE n.name <> '' AND NOT EXISTS (SELECT FROM unnest(sqlc.arg(known)::bigint[]) AS k (id) WHERE k.id = n.id);

-- name: MessageSources :many
SELECT s.name FROM sources s WHERE EXISTS (SELECT FROM messages m WHERE m.source_id = s.id) ORDER BY s.name;

-- name: MessageTotal :one
SELECT coalesce(sum(n), 0)::bigint AS n, coalesce(sum(renames), 0)::bigint AS renames FROM message_counts;

-- name: MessageRange :one
SELECT coalesce(min(r.earliest), '1970-01-01Z')::timestamptz AS earliest,
       coalesce(max(r.latest), '1970-01-01Z')::timestamptz AS latest, count(r.earliest) AS sources
FROM sources s
CROSS JOIN LATERAL (
    SELECT (SELECT m.sent_at FROM messages m WHERE m.source_id = s.id ORDER BY m.sent_at LIMIT 1) AS earliest,
           (SELECT m.sent_at FROM messages m WHERE m.source_id = s.id ORDER BY m.sent_at DESC LIMIT 1) AS latest
) AS r;

-- name: MessagesByIDs :many
SELECT * FROM message_details WHERE id = ANY (sqlc.arg(ids)::bigint[]);

-- name: MessageRaw :one
SELECT raw FROM messages WHERE id = sqlc.arg(id);

-- name: MessageEdits :many
SELECT content, written_at FROM message_edits WHERE message_id = sqlc.arg(message_id) ORDER BY written_at, id LIMIT 1000;

-- name: Replies :many
SELECT d.*
FROM message_details d
WHERE d.source_id = sqlc.arg(source_id) AND d.chat_id = sqlc.arg(chat_id)
  AND d.reply_to_external_id = sqlc.arg(external_message_id)::text AND d.reply_to_external_id <> ''
ORDER BY d.sent_at, d.position, d.id
LIMIT 100;

-- name: RecentMessagesOfAuthor :many
-- Found by the author's present name, which has an index by time.
WITH names AS MATERIALIZED (
    SELECT n.id FROM author_names n
    JOIN authors a ON a.source_id = n.source_id AND md5(a.name) = md5(n.name)
    WHERE a.source_id = sqlc.arg(source_id) AND a.external_id = sqlc.arg(author_id)::text
), page AS MATERIALIZED (
    SELECT m.id, m.sent_at
    FROM names
    CROSS JOIN LATERAL (
        SELECT x.id, x.sent_at FROM messages x
        WHERE x.author_name_id = names.id AND x.author_id = sqlc.arg(author_id)::text
        ORDER BY x.sent_at DESC, x.id DESC
        LIMIT sqlc.arg(max_rows)::bigint
    ) AS m
)
SELECT d.* FROM page JOIN message_details d ON d.id = page.id
ORDER BY page.sent_at DESC, page.id DESC;

-- name: Activity :many
-- Hours begin by the clock of the zone asked for, and are counted from the index alone.
SELECT s.name AS source, date_trunc('hour', m.sent_at, sqlc.arg(tz)::text)::timestamptz AS hour, count(*) AS count
FROM sources s
JOIN messages m ON m.source_id = s.id
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[])
  AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz
GROUP BY s.name, hour
ORDER BY hour, s.name;

-- name: ActivityOfWholeHours :many
-- As Activity, where the clock of the zone agrees with UTC about when hours begin: those
-- that are whole were counted when messages came; what is before and behind is counted now.
SELECT s.name AS source, c.hour::timestamptz AS hour, sum(c.n)::bigint AS count
FROM (
    SELECT h.source_id, h.sent_hour AS hour, h.n
    FROM message_hours h
    WHERE h.source_id = ANY (sqlc.arg(source_ids)::bigint[])
      AND h.sent_hour >= sqlc.arg(first_hour)::timestamptz AND h.sent_hour < sqlc.arg(last_hour)::timestamptz
    UNION ALL
    SELECT m.source_id, date_bin('1 hour', m.sent_at, '2000-01-01Z'), 1
    FROM messages m
    WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[])
      AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(first_hour)::timestamptz
    UNION ALL
    SELECT m.source_id, date_bin('1 hour', m.sent_at, '2000-01-01Z'), 1
    FROM messages m
    WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[])
      AND m.sent_at >= sqlc.arg(last_hour)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz
) AS c
JOIN sources s ON s.id = c.source_id
GROUP BY s.name, c.hour
HAVING sum(c.n) > 0
ORDER BY c.hour, s.name;

-- name: CountJudged :one
-- Counted from an index alone.
SELECT count(*) AS judged, count(*) FILTER (WHERE m.is_issue) AS issues
FROM messages m
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[]) AND m.is_issue IS NOT NULL AND m.is_issue IN (false, true)
  AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz;

-- name: MessagesReached :many
SELECT id::bigint AS id FROM messages_reached(sqlc.arg(stage)::int, sqlc.arg(most)::bigint) AS found (id);

-- name: CountFlow :one
-- Of the messages of a span that are an issue: how many got how far, as message_reached says of one; all at once, so that
-- PostgreSQL may read each table once where they are many. To be planned for its values.
SELECT count(*) AS issues, count(*) FILTER (WHERE t.id IS NOT NULL OR p.id IS NOT NULL) AS proposed,
    count(*) FILTER (WHERE t.status <> 'cancelled') AS accepted, count(*) FILTER (WHERE t.status = 'completed') AS done
FROM messages m
LEFT JOIN task_messages o ON o.message_id = m.id AND o.role = 'origin'
LEFT JOIN tasks t ON t.id = o.task_id
LEFT JOIN conversation_messages c ON c.message_id = m.id
LEFT JOIN proposals p ON p.conversation_id = c.conversation_id AND p.status <> 'withdrawn'
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[]) AND m.is_issue IS NOT NULL AND m.is_issue
  AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz
  AND (sqlc.narg(chat_ids)::text[] IS NULL OR m.chat_id = ANY (sqlc.narg(chat_ids)::text[]));

-- name: CountOfChats :one
SELECT count(*) AS messages, count(m.is_issue) AS judged
FROM messages m
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[]) AND m.chat_id = ANY (sqlc.arg(chat_ids)::text[])
  AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz;

-- name: ChatActivity :many
SELECT s.name AS source, n.chat_id, coalesce(c.name, '') AS chat_name, n.count
FROM (
    SELECT m.source_id, m.chat_id, count(*) AS count
    FROM messages m
    WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[])
      AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz
    GROUP BY m.source_id, m.chat_id
) AS n
JOIN sources s ON s.id = n.source_id
LEFT JOIN chats c ON c.source_id = n.source_id AND c.external_id = n.chat_id
ORDER BY n.count DESC, s.name, n.chat_id
LIMIT sqlc.arg(max_rows)::bigint;

-- name: UnanalyzedMessages :many
SELECT m.id, s.name AS source, m.chat_id, coalesce(c.name, '') AS chat_name, a.name AS author, m.content, m.sent_at
FROM messages m
JOIN sources s ON s.id = m.source_id
JOIN author_names a ON a.id = m.author_name_id
LEFT JOIN chats c ON c.source_id = m.source_id AND c.external_id = m.chat_id
WHERE m.source_id = ANY (sqlc.arg(source_ids)::bigint[])
  AND m.sent_at >= sqlc.arg(sent_from)::timestamptz AND m.sent_at < sqlc.arg(sent_to)::timestamptz AND NOT m.analyzed
ORDER BY m.sent_at, m.position, m.id;

-- name: LockDay :exec
SELECT pg_advisory_xact_lock(hashtextextended('analysis ' || sqlc.arg(day)::text, 0));

-- name: MarkAnalyzed :execrows
UPDATE messages SET analyzed = true WHERE id = ANY (sqlc.arg(ids)::bigint[]) AND NOT analyzed;

-- name: InsertAnalysisRun :exec
INSERT INTO analysis_runs (day, task_id, messages, provider, started_at, finished_at)
VALUES (sqlc.arg(day)::text::date, sqlc.arg(task_id)::bigint, sqlc.arg(messages), sqlc.arg(provider), sqlc.arg(started_at)::timestamptz,
        greatest(now(), sqlc.arg(started_at)::timestamptz));
