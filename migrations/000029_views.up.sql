-- Why: filters of a page that are kept under a name for everybody; each browser has its own beside them.
-- Locks: none but on what is made.
CREATE TABLE views (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    page       text        NOT NULL,
    name       text        NOT NULL,
    -- As it stands in the page's address, without the question mark.
    query      text        NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT views_page_known CHECK (page IN ('messages', 'tasks')),
    CONSTRAINT views_name_length CHECK (char_length(name) BETWEEN 1 AND 60),
    CONSTRAINT views_query_length CHECK (char_length(query) <= 2000),
    CONSTRAINT views_page_name_key UNIQUE (page, name)
);
