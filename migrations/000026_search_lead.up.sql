-- Why: a search for a rare word and a common one read from the search index all that the common one stands in.
-- Locks: none that anyone could wait for (a function is replaced); milliseconds.
DROP FUNCTION messages_hits(tsquery, bigint);

-- What a search finds, with what a page is chosen by. lead is what of it is looked up in
-- the index; the rest is found out from the rows that this gives.
CREATE FUNCTION messages_hits(lead tsquery, query tsquery, most bigint)
    RETURNS TABLE (id bigint, sent_at timestamptz, "position" bigint, source_id bigint, author_name_id bigint, chat_id text, category text, is_issue boolean)
    LANGUAGE sql STABLE SET enable_seqscan = off SET enable_indexscan = off AS $$
    SELECT m.id, m.sent_at, m.position, m.source_id, m.author_name_id, m.chat_id, m.category, m.is_issue
    FROM messages m
    WHERE m.search @@ lead AND (lead = query OR m.search @@ query) IS TRUE -- which no index can tell
    LIMIT most
$$;
