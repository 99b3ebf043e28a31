-- name: EnsureSource :one
-- The no-op update makes RETURNING speak where the source exists.
INSERT INTO sources (name) VALUES (sqlc.arg(name))
ON CONFLICT (name) DO UPDATE SET name = excluded.name
RETURNING id;

-- name: Sources :many
SELECT * FROM sources ORDER BY name;

-- name: InsertAuthorNames :exec
INSERT INTO author_names (source_id, name)
SELECT unnest(sqlc.arg(source_ids)::bigint[]), unnest(sqlc.arg(names)::text[])
ON CONFLICT DO NOTHING;

-- name: AuthorNames :many
SELECT wanted.source_id::bigint AS source_id, wanted.name::text AS name, a.id
FROM (SELECT unnest(sqlc.arg(source_ids)::bigint[]) AS source_id, unnest(sqlc.arg(names)::text[]) AS name) AS wanted
JOIN author_names a ON a.source_id = wanted.source_id AND md5(a.name) = md5(wanted.name);

-- name: NewestAuthorNames :many
SELECT name FROM author_names ORDER BY id DESC LIMIT sqlc.arg(max_rows)::bigint;

-- name: UpsertAuthors :exec
-- A name that an older message was signed with does not replace a newer one.
INSERT INTO authors AS a (source_id, external_id, name, named_at)
SELECT unnest(sqlc.arg(source_ids)::bigint[]), unnest(sqlc.arg(external_ids)::text[]), unnest(sqlc.arg(names)::text[]), unnest(sqlc.arg(named_at)::timestamptz[])
ON CONFLICT (source_id, external_id) DO UPDATE SET name = excluded.name, named_at = excluded.named_at
WHERE excluded.named_at > a.named_at AND excluded.name <> a.name;

-- name: AuthorStates :many
SELECT a.source_id, a.external_id, a.name, a.named_at, a.avatar_version, a.avatar_next_check_at
FROM (SELECT unnest(sqlc.arg(source_ids)::bigint[]) AS source_id, unnest(sqlc.arg(external_ids)::text[]) AS external_id) AS wanted
JOIN authors a ON a.source_id = wanted.source_id AND a.external_id = wanted.external_id;

-- name: AvatarState :one
SELECT a.name, a.avatar_file_id, a.avatar_version, a.avatar_checked_at, a.avatar_next_check_at
FROM authors a
JOIN sources s ON s.id = a.source_id
WHERE s.name = sqlc.arg(source) AND a.external_id = sqlc.arg(external_id);

-- name: GetAvatar :one
SELECT v.content_type, v.image, a.avatar_version
FROM authors a
JOIN sources s ON s.id = a.source_id
JOIN avatars v ON v.author_id = a.id
WHERE s.name = sqlc.arg(source) AND a.external_id = sqlc.arg(external_id);

-- name: AvatarFound :one
-- The version grows only where the picture is another one than that which is cached. It
-- is a time in milliseconds, so that it also grows past versions that were dropped.
INSERT INTO authors AS a (source_id, external_id, avatar_file_id, avatar_version, avatar_checked_at, avatar_next_check_at)
VALUES (sqlc.arg(source_id), sqlc.arg(external_id), sqlc.arg(file_id), (extract(epoch FROM now()) * 1000)::bigint, now(), now() + sqlc.arg(check_after)::interval)
ON CONFLICT (source_id, external_id) DO UPDATE SET
    avatar_version = CASE WHEN a.avatar_version > 0 AND a.avatar_file_id = excluded.avatar_file_id
                          THEN a.avatar_version
                          ELSE greatest(a.avatar_version + 1, excluded.avatar_version) END,
    avatar_file_id = excluded.avatar_file_id,
    avatar_checked_at = excluded.avatar_checked_at,
    avatar_next_check_at = excluded.avatar_next_check_at
RETURNING a.id, a.avatar_version;

-- name: StoreAvatar :exec
INSERT INTO avatars (author_id, content_type, image) VALUES (sqlc.arg(author_id), sqlc.arg(content_type), sqlc.arg(image))
ON CONFLICT (author_id) DO UPDATE SET content_type = excluded.content_type, image = excluded.image, saved_at = now();

-- name: AvatarMissing :one
INSERT INTO authors AS a (source_id, external_id, avatar_checked_at, avatar_next_check_at)
VALUES (sqlc.arg(source_id), sqlc.arg(external_id), now(), now() + sqlc.arg(check_after)::interval)
ON CONFLICT (source_id, external_id) DO UPDATE SET
    avatar_file_id = '', avatar_version = 0,
    avatar_checked_at = excluded.avatar_checked_at, avatar_next_check_at = excluded.avatar_next_check_at
RETURNING a.id;

-- name: DropAvatar :exec
DELETE FROM avatars WHERE author_id = sqlc.arg(author_id);
