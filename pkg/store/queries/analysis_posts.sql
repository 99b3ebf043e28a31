-- name: InsertAnalysisPost :one
INSERT INTO analysis_posts (run_id, group_id, group_name, topic_id, text)
VALUES (sqlc.arg(run_id), sqlc.arg(group_id), sqlc.narg(group_name), sqlc.narg(topic_id), sqlc.arg(text))
RETURNING id;

-- name: FinishAnalysisPost :exec
UPDATE analysis_posts SET status = sqlc.arg(status), error = sqlc.narg(error), fix = sqlc.narg(fix), cause_code = sqlc.narg(cause_code),
    cause_detail = sqlc.narg(cause_detail), posted_at = now()
WHERE id = sqlc.arg(id);

-- name: DeleteAnalysisPost :exec
DELETE FROM analysis_posts WHERE id = sqlc.arg(id);

-- name: AnalysisPosts :many
-- The last of each run, newest first.
SELECT p.* FROM unnest(sqlc.arg(run_ids)::bigint[]) AS r (id)
CROSS JOIN LATERAL (SELECT * FROM analysis_posts a WHERE a.run_id = r.id ORDER BY a.id DESC LIMIT sqlc.arg(most)::int) AS p
ORDER BY p.id DESC;
