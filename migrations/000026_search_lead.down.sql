-- Why: the release before looked up every word.
-- Locks: none that anyone could wait for (a function is replaced); milliseconds.
DROP FUNCTION messages_hits(tsquery, tsquery, bigint);
CREATE FUNCTION messages_hits(query tsquery, most bigint)
    RETURNS TABLE (id bigint, sent_at timestamptz, "position" bigint, source_id bigint, author_name_id bigint, chat_id text, category text, is_issue boolean)
    LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
    SELECT m.id, m.sent_at, m.position, m.source_id, m.author_name_id, m.chat_id, m.category, m.is_issue
    FROM messages m WHERE m.search @@ query LIMIT most
$$;
