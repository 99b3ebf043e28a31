-- name: InsertAnalysisPost :many
-- None where the schedule has one already, but for one that waits: that is tried again.
INSERT INTO analysis_posts (run_id, group_id, group_name, topic_id, text, posted_by)
VALUES (sqlc.arg(run_id), sqlc.arg(group_id), sqlc.narg(group_name), sqlc.narg(topic_id), sqlc.arg(text), sqlc.arg(posted_by))
ON CONFLICT (run_id, group_id, coalesce(topic_id, '')) WHERE posted_by = 'schedule' DO UPDATE
SET status = 'unconfirmed', group_name = excluded.group_name, text = excluded.text, error = NULL, fix = NULL, cause_code = NULL, cause_detail = NULL, posted_at = now()
WHERE analysis_posts.status = 'waiting'
RETURNING id;

-- name: FinishAnalysisPost :exec
UPDATE analysis_posts SET status = sqlc.arg(status), error = sqlc.narg(error), fix = sqlc.narg(fix), cause_code = sqlc.narg(cause_code),
    cause_detail = sqlc.narg(cause_detail), posted_at = now()
WHERE id = sqlc.arg(id);

-- name: DoubtAnalysisPost :execrows
-- Of the schedule, where nothing is known of it yet.
UPDATE analysis_posts SET error = sqlc.narg(error), fix = sqlc.narg(fix), cause_code = sqlc.narg(cause_code), cause_detail = sqlc.narg(cause_detail)
WHERE run_id = sqlc.arg(run_id) AND group_id = sqlc.arg(group_id) AND coalesce(topic_id, '') = coalesce(sqlc.narg(topic_id), '')
  AND posted_by = 'schedule' AND status = 'unconfirmed' AND error IS NULL;

-- name: DeleteAnalysisPost :exec
DELETE FROM analysis_posts WHERE id = sqlc.arg(id);

-- name: AnalysisPosts :many
-- The last of each run, newest first.
SELECT p.* FROM unnest(sqlc.arg(run_ids)::bigint[]) AS r (id)
CROSS JOIN LATERAL (SELECT * FROM analysis_posts a WHERE a.run_id = r.id ORDER BY a.id DESC LIMIT sqlc.arg(most)::int) AS p
ORDER BY p.id DESC;
