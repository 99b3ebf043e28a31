package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// MaxAnalysisTasks bounds each list of tasks of AnalysisFigures.
const MaxAnalysisTasks = 100

// ClaimAnalysisRun takes the oldest run that waits, or whose worker let its lease end; false
// where there is none. For as long as the lease it is the caller's; what the worker that had
// it before still stores is refused.
func (s *Store) ClaimAnalysisRun(ctx context.Context, lease time.Duration) (AnalysisRun, bool, error) {
	rows, err := s.q.ClaimAnalysisRun(ctx, lease)
	if err != nil {
		return AnalysisRun{}, false, fmt.Errorf("claim an analysis run: %w", err)
	}
	if len(rows) == 0 {
		return AnalysisRun{}, false, nil
	}
	return analysisRun(rows[0]), true, nil
}

// StartAnalysisRun counts the messages of a claimed run. ErrRunLost means that it is no
// longer the caller's: cancelled, or another worker has it.
func (s *Store) StartAnalysisRun(ctx context.Context, r *AnalysisRun) error {
	sources, err := s.sourceIDs(ctx)
	if err != nil {
		return err
	}
	r.Messages, err = s.planned.CountMessagesSent(ctx, db.CountMessagesSentParams{SourceIds: sources, SentFrom: r.From, SentTo: r.To, Chats: r.Chats})
	if err != nil {
		return fmt.Errorf("count the messages of analysis run %d: %w", r.ID, err)
	}
	n, err := s.q.StartAnalysisRun(ctx, db.StartAnalysisRunParams{ID: r.ID, Claims: r.claims, Messages: r.Messages})
	return kept(r, n, err)
}

// CheckpointAnalysisRun stores how far a claimed run is, and keeps it for another lease. See
// StartAnalysisRun for ErrRunLost.
func (s *Store) CheckpointAnalysisRun(ctx context.Context, r *AnalysisRun, checkpoint json.RawMessage, lease time.Duration) error {
	n, err := s.q.CheckpointAnalysisRun(ctx, db.CheckpointAnalysisRunParams{
		ID: r.ID, Claims: r.claims, Processed: r.Processed, Checkpoint: checkpoint, Lease: lease})
	r.Messages, r.Checkpoint = max(r.Messages, r.Processed), checkpoint
	return kept(r, n, err)
}

func kept(r *AnalysisRun, n int64, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("store analysis run %d: %w", r.ID, err)
	case n == 0:
		return fmt.Errorf("analysis run %d: %w", r.ID, ErrRunLost)
	}
	return nil
}

// ReleaseAnalysisRun lets others take a claimed run after delay. A claim that is forgiven
// does not count as an attempt.
func (s *Store) ReleaseAnalysisRun(ctx context.Context, r AnalysisRun, delay time.Duration, forgiven bool) error {
	p := db.ReleaseAnalysisRunParams{ID: r.ID, Claims: r.claims, Delay: delay}
	if forgiven {
		p.Forgiven = 1
	}
	if err := s.q.ReleaseAnalysisRun(ctx, p); err != nil {
		return fmt.Errorf("release analysis run %d: %w", r.ID, err)
	}
	return nil
}

// CompleteAnalysisRun stores the summary of a claimed run, nil where there was nothing to
// analyse, with the jobs that post it. See StartAnalysisRun for ErrRunLost.
func (s *Store) CompleteAnalysisRun(ctx context.Context, r AnalysisRun, summary json.RawMessage, postTo ...PostTarget) ([]OutboxEvent, error) {
	return s.finishRun(ctx, r, db.FinishAnalysisRunParams{Status: RunCompleted, Summary: summary}, postTo)
}

// FailAnalysisRun gives a claimed run up. See StartAnalysisRun for ErrRunLost.
func (s *Store) FailAnalysisRun(ctx context.Context, r AnalysisRun, reason string) ([]OutboxEvent, error) {
	return s.finishRun(ctx, r, db.FinishAnalysisRunParams{Status: RunFailed, Error: &reason}, nil)
}

func (s *Store) finishRun(ctx context.Context, r AnalysisRun, p db.FinishAnalysisRunParams, postTo []PostTarget) (events []OutboxEvent, err error) {
	p.ID, p.Claims = r.ID, r.claims
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		rows, err := q.FinishAnalysisRun(ctx, p)
		if err := kept(&r, int64(len(rows)), err); err != nil {
			return err
		}
		if err := emitRun(ctx, q, &events, analysisRun(rows[0])); err != nil {
			return err
		}
		return emitPosts(ctx, q, &events, r.ID, postTo)
	})
	return events, err
}

// WaitingAnalysisRuns counts the runs that are not finished.
func (s *Store) WaitingAnalysisRuns(ctx context.Context) (int64, error) {
	n, err := s.q.WaitingAnalysisRuns(ctx)
	if err != nil {
		return 0, fmt.Errorf("count the analysis runs: %w", err)
	}
	return n, nil
}

func (s *Store) sourceIDs(ctx context.Context) ([]int64, error) {
	ids, err := s.planned.SourcesLike(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("find sources: %w", err)
	}
	slices.Sort(ids)
	return ids, nil
}

// MessagesSent reads at most limit messages after the cursor, source by source, each in the
// order in which they were sent, and where to go on. There are no more where none are found.
func (s *Store) MessagesSent(ctx context.Context, span AnalysisSpan, cursor AnalysisCursor, limit int) ([]SentMessage, AnalysisCursor, error) {
	sources, err := s.sourceIDs(ctx)
	if err != nil {
		return nil, cursor, err
	}
	for _, source := range sources {
		if source < cursor.SourceID {
			continue
		}
		if source > cursor.SourceID { // before the first of its messages
			cursor = AnalysisCursor{SourceID: source, SentAt: span.From, ID: math.MinInt64}
		}
		rows, err := s.planned.MessagesSent(ctx, db.MessagesSentParams{SourceID: source, SentTo: span.To, AfterAt: cursor.SentAt, AfterID: cursor.ID,
			Chats: span.Chats, MaxRows: int32(limit)})
		if err != nil {
			return nil, cursor, fmt.Errorf("read messages to analyse: %w", err)
		}
		if len(rows) == 0 {
			continue
		}
		found := make([]SentMessage, len(rows))
		for i, r := range rows {
			found[i] = SentMessage{ID: r.ID, Chat: strconv.FormatInt(source, 10) + "/" + r.ChatID, Topic: r.ThreadID, ExternalID: r.ExternalMessageID, ReplyTo: r.ReplyToExternalID,
				Author: r.Author, Content: r.Content, HasWords: r.HasWords, SentAt: r.SentAt}
			cursor.SentAt, cursor.ID = r.SentAt, r.ID
		}
		return found, cursor, nil
	}
	return nil, cursor, nil
}

// MessagesToQuote reads the authors and words of messages, in the order in which they were
// sent.
func (s *Store) MessagesToQuote(ctx context.Context, ids []int64) ([]SentMessage, error) {
	rows, err := s.q.MessagesToQuote(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d messages to quote: %w", len(ids), err)
	}
	found := make([]SentMessage, len(rows))
	for i, r := range rows {
		found[i] = SentMessage{ID: r.ID, Author: r.Author, Content: r.Content, HasWords: true, SentAt: r.SentAt}
	}
	return found, nil
}

// AnalysisFigures reads what the database says of a time.
func (s *Store) AnalysisFigures(ctx context.Context, span AnalysisSpan) (f AnalysisFigures, err error) {
	sources, err := s.sourceIDs(ctx)
	if err != nil {
		return f, err
	}
	counts, err := s.planned.SentFigures(ctx, db.SentFiguresParams{SourceIds: sources, SentFrom: span.From, SentTo: span.To, Chats: span.Chats})
	if err != nil {
		return f, fmt.Errorf("count what was said: %w", err)
	}
	issues, err := s.planned.IssuesSent(ctx, db.IssuesSentParams{SourceIds: sources, SentFrom: span.From, SentTo: span.To, Chats: span.Chats})
	if err != nil {
		return f, fmt.Errorf("count issues: %w", err)
	}
	f.Counts = AnalysisCounts{Messages: counts.Messages, Authors: counts.Authors, Chats: counts.Chats, Issues: map[string]int64{}}
	for _, i := range issues {
		f.Counts.Issues[i.Category] = i.N
	}
	made, err := s.planned.TasksMade(ctx, db.TasksMadeParams{SentFrom: span.From, SentTo: span.To, Chats: span.Chats, MaxRows: MaxAnalysisTasks})
	if err != nil {
		return f, fmt.Errorf("read new tasks: %w", err)
	}
	closed, err := s.planned.TasksClosed(ctx, db.TasksClosedParams{SentFrom: span.From, SentTo: span.To, Chats: span.Chats, MaxRows: MaxAnalysisTasks})
	if err != nil {
		return f, fmt.Errorf("read closed tasks: %w", err)
	}
	f.NewTasks, f.ClosedTasks = make([]AnalysisTask, len(made)), make([]AnalysisTask, len(closed))
	for i, t := range made {
		f.NewTasks[i] = AnalysisTask(t)
	}
	for i, t := range closed {
		f.ClosedTasks[i] = AnalysisTask(t)
	}
	return f, nil
}
