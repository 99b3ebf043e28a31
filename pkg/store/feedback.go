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

// Saying is what somebody said; nil fields were not said.
type Saying struct {
	IsIssue                             *bool
	Category, Priority, Provider, Model *string
	Confidence                          *float64
}

// Feedback is a correction: what a person said beside what the machine had said.
type Feedback struct {
	ID                                          int64
	Kind                                        string
	MessageID, ConversationID, TaskID, Proposal *int64
	Machine, Person                             Saying
	Reason, Comment, Actor                      string
	// UndoneAt is when the person took it back; nil where he did not.
	UndoneAt  *time.Time
	CreatedAt time.Time
}

func feedback(r db.Feedback) Feedback {
	return Feedback{ID: r.ID, Kind: r.Kind, MessageID: r.MessageID, ConversationID: r.ConversationID, TaskID: r.TaskID, Proposal: r.ProposalID,
		Machine: Saying{r.MachineIsIssue, r.MachineCategory, r.MachinePriority, r.MachineProvider, r.MachineModel, r.MachineConfidence},
		Person:  Saying{IsIssue: r.IsIssue, Category: r.Category, Priority: r.Priority},
		Reason:  r.Reason, Comment: r.Comment, Actor: r.Actor, UndoneAt: r.UndoneAt, CreatedAt: r.CreatedAt}
}

// ListFeedback reads corrections with ids below before (0: the newest of all), newest first.
func (s *Store) ListFeedback(ctx context.Context, before int64, limit int) ([]Feedback, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	rows, err := s.q.ListFeedback(ctx, db.ListFeedbackParams{Before: before, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("list feedback: %w", err)
	}
	return feedbacks(rows), nil
}

func feedbacks(rows []db.Feedback) []Feedback {
	all := make([]Feedback, len(rows))
	for i, r := range rows {
		all[i] = feedback(r)
	}
	return all
}

// MessageResult is a message that was changed.
type MessageResult struct {
	Message *eventsv1.Message
	// Events are the outbox rows written with it, for publishing at once.
	Events []OutboxEvent
}

// Opine stores a person's word about a message, which no later judgement replaces; nil takes it
// back, so that the machine judges again. An issue without category or priority keeps those
// that it had, else bug and medium. It returns ErrNotFound.
func (s *Store) Opine(ctx context.Context, id int64, actor Actor, said *Opinion) (MessageResult, error) {
	var result MessageResult
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		conversation, err := q.LockConversationOfMessage(ctx, id)
		if err != nil {
			return fmt.Errorf("lock its conversation: %w", err)
		}
		was, err := q.LockClassification(ctx, id)
		if errors.Is(err, pgx.ErrNoRows) {
			return ErrNotFound
		}
		if err != nil {
			return err
		}
		changed, err := opine(ctx, q, was, conversation, actor, said)
		if err != nil {
			return err
		}
		if changed {
			for _, c := range conversation {
				if err := q.JudgeAgain(ctx, c); err != nil {
					return fmt.Errorf("have its conversation judged again: %w", err)
				}
			}
			if err := emitMessages(ctx, q, &result.Events, []int64{id}); err != nil {
				return err
			}
		}
		rows, err := q.MessagesByIDs(ctx, []int64{id})
		if err != nil || len(rows) == 0 {
			return fmt.Errorf("read it: %w", errors.Join(err, ErrNotFound))
		}
		result.Message = message(rows[0])
		return nil
	})
	if err != nil {
		return MessageResult{}, fmt.Errorf("classify message %d: %w", id, err)
	}
	return result, nil
}

// opine writes what changes; false where nothing does.
func opine(ctx context.Context, q *db.Queries, was db.LockClassificationRow, conversation []int64, actor Actor, said *Opinion) (bool, error) {
	byPerson := deref(was.Provider) == ProviderUser
	if said == nil {
		if !byPerson {
			return false, nil
		}
		if err := q.UndoMessageFeedback(ctx, &was.ID); err != nil {
			return false, fmt.Errorf("take feedback back: %w", err)
		}
		return true, q.UnclassifyMessage(ctx, was.ID)
	}
	category, priority := "", ""
	if said.IsIssue {
		category, priority = orElse(said.Category, deref(was.Category), "bug"), orElse(said.Priority, deref(was.Priority), "medium")
	}
	if byPerson && deref(was.IsIssue) == said.IsIssue && deref(was.Category) == category && deref(was.Priority) == priority {
		return false, nil
	}
	err := q.ClassifyByPerson(ctx, db.ClassifyByPersonParams{ID: was.ID, IsIssue: said.IsIssue, Category: category, Priority: priority})
	if err != nil {
		return false, err
	}
	given := db.InsertFeedbackParams{MessageID: &was.ID, Kind: "category", IsIssue: &said.IsIssue, Category: some(category), Priority: some(priority), Actor: actor.Name}
	switch {
	case !said.IsIssue:
		given.Kind = "noise"
	case !deref(was.IsIssue):
		given.Kind = "task"
	case deref(was.Category) == category && deref(was.Priority) == priority:
		given.Kind = "accept"
	case deref(was.Category) == category:
		given.Kind = "priority"
	}
	if len(conversation) > 0 {
		given.ConversationID = &conversation[0]
	}
	if !byPerson && was.Provider != nil {
		given.MachineIsIssue, given.MachineCategory, given.MachinePriority = was.IsIssue, some(deref(was.Category)), some(deref(was.Priority))
		given.MachineConfidence, given.MachineProvider = was.Confidence, was.Provider
	}
	if err := q.InsertFeedback(ctx, given); err != nil {
		return false, fmt.Errorf("keep feedback: %w", err)
	}
	return true, nil
}

func orElse(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
