package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Statuses of links.
const (
	LinkOpen     = "open"
	LinkAttached = "attached"
	LinkMerged   = "merged"
	LinkRefused  = "refused"
)

// Link says that a task and another, or a proposal, may be the same.
type Link struct {
	ID int64
	// TaskID was there first; KeptTaskID is what it was merged into in the end, itself
	// where it was not.
	TaskID, KeptTaskID int64
	// OtherTaskID is nil while the other is no task.
	OtherTaskID, ProposalID, ConversationID *int64
	TaskTitle, TaskStatus                   string
	// OtherTitle and OtherStatus are of the other task, or the proposal; "" for neither.
	OtherTitle, OtherStatus string
	Status                  string
	// Score is 0 to 1; nil where a person linked them.
	Score     *float64
	Reason    string
	Shared    []string
	CreatedBy string
	CreatedAt time.Time
	DecidedBy string
	DecidedAt *time.Time
	// Undoable is whether UndoLink has something to undo.
	Undoable bool
}

func link(r db.TaskLinkDetail) Link {
	l := Link{ID: r.ID, TaskID: r.TaskID, KeptTaskID: r.KeptTaskID, OtherTaskID: r.OtherTaskID, ProposalID: r.ProposalID, ConversationID: r.ConversationID,
		TaskTitle: r.TaskTitle, TaskStatus: r.TaskStatus, OtherTitle: r.OtherTitle, OtherStatus: r.OtherStatus, Status: r.Status, Score: r.Score,
		Reason: r.Reason, Shared: r.Shared, CreatedBy: r.CreatedBy, CreatedAt: r.CreatedAt, DecidedBy: r.DecidedBy, DecidedAt: r.DecidedAt, Undoable: r.Undoable}
	if l.OtherStatus == "" {
		l.OtherStatus = r.ProposalStatus
	}
	return l
}

func links(rows []db.TaskLinkDetail) []Link {
	all := make([]Link, len(rows))
	for i, r := range rows {
		all[i] = link(r)
	}
	return all
}

// OpenLinks reads the links that wait for a person, with ids below before (0: the newest of
// all), newest first.
func (s *Store) OpenLinks(ctx context.Context, before int64, limit int) ([]Link, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := s.q.OpenTaskLinks(ctx, db.OpenTaskLinksParams{Before: before, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("list links: %w", err)
	}
	return links(rows), nil
}

// TaskLinks reads the newest two hundred links of a task, whatever was decided about them, or
// returns ErrNotFound.
func (s *Store) TaskLinks(ctx context.Context, id int64) ([]Link, error) {
	if _, err := s.GetTask(ctx, id); err != nil {
		return nil, err
	}
	rows, err := s.q.TaskLinksOfTask(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read links of task %d: %w", id, err)
	}
	return links(rows), nil
}

// GetLink reads one link, or returns ErrNotFound.
func (s *Store) GetLink(ctx context.Context, id int64) (Link, error) { return getLink(ctx, s.q, id) }

func getLink(ctx context.Context, q *db.Queries, id int64) (Link, error) {
	row, err := q.GetTaskLink(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Link{}, fmt.Errorf("link %d: %w", id, ErrNotFound)
	}
	if err != nil {
		return Link{}, fmt.Errorf("read link %d: %w", id, err)
	}
	return link(row), nil
}

// LinkDecision is what a person decided about a link.
type LinkDecision struct {
	Link Link
	// Task is the one that is kept, or was there first; Other is nil where there is none.
	Task, Other *eventsv1.Task
	// Events are the outbox rows written with it, for publishing at once.
	Events []OutboxEvent
}
