-- Why: a search that finds thousands of messages read them twice: by the search index, to
-- know how many there are, and again one by one, to filter and sort them.
-- Locks: none that anyone could wait for (a new function); milliseconds.

-- What a search finds, as messages_found does, with what a page is chosen by.
CREATE FUNCTION messages_hits(query tsquery, most bigint)
    RETURNS TABLE (id bigint, sent_at timestamptz, "position" bigint, source_id bigint, author_name_id bigint, chat_id text, category text, is_issue boolean)
    LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
    SELECT m.id, m.sent_at, m.position, m.source_id, m.author_name_id, m.chat_id, m.category, m.is_issue
    FROM messages m WHERE m.search @@ query LIMIT most
$$;
