package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

func analysisRun(r db.AnalysisRun) AnalysisRun {
	return AnalysisRun{
		ID: r.ID, Status: r.Status, AnalysisSpan: AnalysisSpan{From: deref(r.SentFrom), To: deref(r.SentTo), Chats: r.Chats},
		Messages: r.Messages, Processed: r.Processed, CreatedAt: r.CreatedAt, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt,
		RequestedBy: r.RequestedBy, ScheduledFor: r.ScheduledFor, Error: deref(r.Error), Summary: r.Summary,
		Checkpoint: r.Checkpoint, Attempts: int(r.Attempts), claims: r.Claims,
	}
}

// AnalysisProgress makes the event that tells where a run stands.
func AnalysisProgress(r AnalysisRun, stage string) *eventsv1.Event {
	return &eventsv1.Event{Payload: &eventsv1.Event_AnalysisProgress{AnalysisProgress: &eventsv1.AnalysisProgress{
		Date: r.From.UTC().Format(time.DateOnly), Stage: stage, Processed: r.Processed, Total: r.Messages, RunId: r.ID, Status: r.Status,
	}}}
}

// emitRun tells that a run has got another status.
func emitRun(ctx context.Context, q *db.Queries, written *[]OutboxEvent, r AnalysisRun) error {
	stage := map[string]string{RunQueued: "reading", RunCompleted: "done", RunFailed: "failed", RunCancelled: "failed"}[r.Status]
	return emit(ctx, q, written, bus.SubjectAnalysisProgress, AnalysisProgress(r, stage))
}

// QueueAnalysisRun stores a run that a person asked for, or returns ErrTooManyRuns.
func (s *Store) QueueAnalysisRun(ctx context.Context, span AnalysisSpan) (run AnalysisRun, events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.LockAnalysisQueue(ctx); err != nil {
			return err
		}
		queued, err := q.QueuedAnalysisRuns(ctx)
		if err != nil {
			return err
		}
		if queued >= MaxQueuedAnalysisRuns {
			return ErrTooManyRuns
		}
		row, err := q.QueueAnalysisRun(ctx, db.QueueAnalysisRunParams{SentFrom: span.From, SentTo: span.To, Chats: span.Chats})
		if err != nil {
			return err
		}
		run = analysisRun(row)
		return emitRun(ctx, q, &events, run)
	})
	if err != nil {
		return AnalysisRun{}, nil, fmt.Errorf("queue an analysis run: %w", err)
	}
	return run, events, nil
}

// ScheduleAnalysisRun stores the run of a moment of the schedule, unless that moment or a
// later one has its run.
func (s *Store) ScheduleAnalysisRun(ctx context.Context, moment time.Time, span AnalysisSpan) (made bool, events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		rows, err := q.ScheduleAnalysisRun(ctx, db.ScheduleAnalysisRunParams{SentFrom: span.From, SentTo: span.To, ScheduledFor: moment})
		if err != nil || len(rows) == 0 {
			return err
		}
		made = true
		return emitRun(ctx, q, &events, analysisRun(rows[0]))
	})
	if err != nil {
		return false, nil, fmt.Errorf("schedule the analysis run of %s: %w", moment, err)
	}
	return made, events, nil
}

// KeepAnalysisSchedule notes the schedule in force, and returns since when it has been, wherever it posts.
func (s *Store) KeepAnalysisSchedule(ctx context.Context, schedule AnalysisSchedule) (time.Time, error) {
	value, err := json.Marshal(schedule)
	if err != nil {
		return time.Time{}, err
	}
	since, err := s.q.KeepAnalysisSchedule(ctx, value)
	if err != nil {
		return time.Time{}, fmt.Errorf("note the schedule of the analysis: %w", err)
	}
	return since, nil
}

// AnalysisSchedule reads the schedule that KeepAnalysisSchedule noted last.
func (s *Store) AnalysisSchedule(ctx context.Context) (noted AnalysisSchedule, err error) {
	row, err := s.q.GetSetting(ctx, "analysis_schedule")
	if errors.Is(err, pgx.ErrNoRows) {
		return noted, nil
	}
	if err == nil {
		err = json.Unmarshal(row.Value, &noted)
	}
	if err != nil {
		return noted, fmt.Errorf("read the schedule of the analysis: %w", err)
	}
	return noted, nil
}

// ListAnalysisRuns reads runs with a smaller id than before, newest first.
func (s *Store) ListAnalysisRuns(ctx context.Context, before int64, limit int) ([]AnalysisRun, error) {
	rows, err := s.q.ListAnalysisRuns(ctx, db.ListAnalysisRunsParams{Before: before, MaxRows: int32(min(limit, maxPage))})
	if err != nil {
		return nil, fmt.Errorf("list analysis runs: %w", err)
	}
	runs := make([]AnalysisRun, len(rows))
	for i, r := range rows {
		runs[i] = analysisRun(r)
	}
	return runs, nil
}

// GetAnalysisRun reads a run, or returns ErrNotFound.
func (s *Store) GetAnalysisRun(ctx context.Context, id int64) (AnalysisRun, error) {
	row, err := s.q.GetAnalysisRun(ctx, id)
	return oneRun(row, id, err)
}

func oneRun(row db.AnalysisRun, id int64, err error) (AnalysisRun, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return AnalysisRun{}, fmt.Errorf("analysis run %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return AnalysisRun{}, fmt.Errorf("read analysis run %d: %w", id, err)
	}
	return analysisRun(row), nil
}

// CancelAnalysisRun ends a run that is not finished; a worker that is at it can store nothing
// more. A cancelled one stays as it is; ErrRunFinished is returned for any other.
func (s *Store) CancelAnalysisRun(ctx context.Context, id int64) (run AnalysisRun, events []OutboxEvent, err error) {
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		row, err := q.LockAnalysisRun(ctx, id)
		if run, err = oneRun(row, id, err); err != nil || run.Status == RunCancelled {
			return err
		}
		if run.Finished() {
			return ErrRunFinished
		}
		if row, err = q.CancelAnalysisRun(ctx, id); err != nil {
			return err
		}
		run = analysisRun(row)
		return emitRun(ctx, q, &events, run)
	})
	if err != nil {
		return AnalysisRun{}, nil, fmt.Errorf("cancel analysis run %d: %w", id, err)
	}
	return run, events, nil
}
