package store

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// UnanalyzedMessages reads what was sent from `from` until before `to` and used by no
// analysis run yet, oldest first.
func (s *Store) UnanalyzedMessages(ctx context.Context, from, to time.Time) ([]ConversationMessage, error) {
	sources, err := s.planned.SourcesLike(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("find sources: %w", err)
	}
	rows, err := s.planned.UnanalyzedMessages(ctx, db.UnanalyzedMessagesParams{SourceIds: sources, SentFrom: from, SentTo: to})
	if err != nil {
		return nil, fmt.Errorf("read unanalysed messages: %w", err)
	}
	found := make([]ConversationMessage, len(rows))
	for i, r := range rows {
		found[i] = ConversationMessage(r)
	}
	return found, nil
}

// SaveDaySummary stores the outcome of one analysis run: the task with its links to
// the messages, their mark, the record of the run, and the events task_created and
// stats_updated, in one transaction. Runs of one day wait for each other here, and the
// one that finds any of its messages already marked saves nothing and returns
// ErrAlreadyAnalyzed: of several at once, one makes a summary.
func (s *Store) SaveDaySummary(ctx context.Context, d DaySummary) (TaskResult, error) {
	var result TaskResult
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.LockDay(ctx, d.Date); err != nil {
			return err
		}
		marked, err := q.MarkAnalyzed(ctx, d.MessageIDs)
		if err != nil {
			return err
		}
		if marked == 0 || marked != int64(len(d.MessageIDs)) {
			return ErrAlreadyAnalyzed
		}
		result, err = s.createTask(ctx, q, NewTask{
			Title: d.Title, Description: d.Description, Category: "summary", Priority: cmp.Or(d.Priority, "medium"),
			Source: "analysis", AIGenerated: true, MessageIDs: d.MessageIDs,
		}, Actor{Kind: "ai", Name: d.Provider}, "summary")
		if err != nil {
			return err
		}
		return q.InsertAnalysisRun(ctx, db.InsertAnalysisRunParams{Day: d.Date, TaskID: result.Task.GetId(),
			Messages: marked, Provider: d.Provider, StartedAt: d.StartedAt})
	})
	if err != nil {
		return TaskResult{}, fmt.Errorf("save summary of %s: %w", d.Date, err)
	}
	return result, nil
}
