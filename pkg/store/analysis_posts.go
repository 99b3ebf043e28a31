package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Statuses of an AnalysisPost.
const (
	PostUnconfirmed = "unconfirmed"
	PostSent        = "sent"
	// Of the schedule alone.
	PostRefused = "refused"
	PostWaiting = "waiting" // it is tried again
)

// maxAnalysisPosts bounds the posts that are read with a run.
const maxAnalysisPosts = 20

// AnalysisPost is the summary of a run in a chat at Telegram.
type AnalysisPost struct {
	ID, RunID, GroupID int64
	// GroupName is nil where it was not known; TopicID where the chat has none.
	GroupName, TopicID *string
	Text               string
	// PostedBy is ByUser or BySchedule.
	PostedBy, Status string
	PostOutcome
	PostedAt time.Time
}

// PostOutcome says why a post is not sent, or nobody knows, and what to do; nil for what there is not.
type PostOutcome struct{ Error, Fix, CauseCode, CauseDetail *string }

func analysisPost(r db.AnalysisPost) AnalysisPost {
	return AnalysisPost{ID: r.ID, RunID: r.RunID, GroupID: r.GroupID, GroupName: r.GroupName, TopicID: r.TopicID, Text: r.Text,
		PostedBy: r.PostedBy, Status: r.Status, PostedAt: r.PostedAt,
		PostOutcome: PostOutcome{Error: r.Error, Fix: r.Fix, CauseCode: r.CauseCode, CauseDetail: r.CauseDetail}}
}

// NoteAnalysisPost stores a post that is about to be sent, as unconfirmed: who dies meanwhile leaves no doubt hidden.
// It is known by its id, which is that of one that waits where there is one; 0 where the schedule has noted it before,
// and it is not to be sent again.
func (s *Store) NoteAnalysisPost(ctx context.Context, p AnalysisPost) (int64, error) {
	ids, err := s.q.InsertAnalysisPost(ctx, db.InsertAnalysisPostParams{RunID: p.RunID, GroupID: p.GroupID, GroupName: p.GroupName,
		TopicID: p.TopicID, Text: p.Text, PostedBy: p.PostedBy})
	if err != nil {
		return 0, fmt.Errorf("note the post of analysis run %d: %w", p.RunID, err)
	}
	if len(ids) == 0 {
		return 0, nil
	}
	return ids[0], nil
}

// DoubtAnalysisPost stores why nobody knows what became of a post that the schedule has noted; doubted is false where
// that is known, or was said before.
func (s *Store) DoubtAnalysisPost(ctx context.Context, p AnalysisPost, o PostOutcome) (doubted bool, events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		n, err := q.DoubtAnalysisPost(ctx, db.DoubtAnalysisPostParams{RunID: p.RunID, GroupID: p.GroupID, TopicID: p.TopicID,
			Error: o.Error, Fix: o.Fix, CauseCode: o.CauseCode, CauseDetail: o.CauseDetail})
		if err != nil || n == 0 {
			return err
		}
		doubted = true
		return emitRunOf(ctx, q, &events, p.RunID)
	})
	if err != nil {
		return false, nil, fmt.Errorf("store the doubt about the post of analysis run %d: %w", p.RunID, err)
	}
	return doubted, events, nil
}

// FinishAnalysisPost stores what became of a post of a run, with the event that tells of its run.
func (s *Store) FinishAnalysisPost(ctx context.Context, id, runID int64, status string, o PostOutcome) ([]OutboxEvent, error) {
	var events []OutboxEvent
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		err := q.FinishAnalysisPost(ctx, db.FinishAnalysisPostParams{ID: id, Status: status, Error: o.Error, Fix: o.Fix, CauseCode: o.CauseCode, CauseDetail: o.CauseDetail})
		if err != nil {
			return err
		}
		return emitRunOf(ctx, q, &events, runID)
	})
	if err != nil {
		return nil, fmt.Errorf("store what became of the post of analysis run %d: %w", runID, err)
	}
	return events, nil
}

// emitRunOf tells that what belongs to a run has changed.
func emitRunOf(ctx context.Context, q *db.Queries, written *[]OutboxEvent, id int64) error {
	run, err := q.GetAnalysisRun(ctx, id)
	if err != nil {
		return err
	}
	return emitRun(ctx, q, written, analysisRun(run))
}

// emitPosts writes the jobs that post the summary of a run.
func emitPosts(ctx context.Context, q *db.Queries, written *[]OutboxEvent, runID int64, to []PostTarget) error {
	for _, target := range to {
		job := &eventsv1.PostSummary{RunId: runID, GroupId: target.GroupID, TopicId: deref(target.TopicID)}
		if err := emitJob(ctx, q, written, bus.SubjectJobPost, job); err != nil {
			return err
		}
	}
	return nil
}

// DropAnalysisPost forgets a post that was not sent for sure.
func (s *Store) DropAnalysisPost(ctx context.Context, id int64) error {
	if err := s.q.DeleteAnalysisPost(ctx, id); err != nil {
		return fmt.Errorf("forget a post of an analysis run: %w", err)
	}
	return nil
}

// AnalysisPosts reads the last posts of runs, the newest first, at most 20 of each.
func (s *Store) AnalysisPosts(ctx context.Context, runs ...int64) (map[int64][]AnalysisPost, error) {
	rows, err := s.q.AnalysisPosts(ctx, db.AnalysisPostsParams{RunIds: runs, Most: maxAnalysisPosts})
	if err != nil {
		return nil, fmt.Errorf("read the posts of analysis runs: %w", err)
	}
	posts := make(map[int64][]AnalysisPost, len(runs))
	for _, r := range rows {
		posts[r.RunID] = append(posts[r.RunID], analysisPost(r))
	}
	return posts, nil
}
