package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Receipt is the story of one message.
type Receipt struct {
	Message  *eventsv1.Message
	StoredAt time.Time
	// Conversation is nil while it is in none.
	Conversation *ReceiptConversation
	// Attempts are the judgements of its conversation, newest first, at most twenty.
	Attempts []Attempt
	// Proposal and Task are nil where there are none.
	Proposal *eventsv1.Proposal
	Task     *eventsv1.Task
	Feedback []Feedback
	// Links are what its conversation was attached to as the same, or may be the same as.
	Links []Link
	// History is that of the task, newest first, at most fifty.
	History []TaskChange
}

// ReceiptConversation is the conversation of a message.
type ReceiptConversation struct {
	ID                    int64
	FirstAt, LastAt       time.Time
	Messages              int
	JudgeAt, HeldSince    *time.Time
	Decision, Explanation string
}

// Attempt is one judgement of a conversation.
type Attempt struct {
	At                           time.Time
	Said                         Saying
	PromptVersion                string
	Milliseconds                 float64
	Turns                        int
	Quote, Reason                string
	Signals                      []string
	Decision, Explanation, Error string
}

const receiptHistory = 50

// Receipt tells the story of a message, or returns ErrNotFound.
func (s *Store) Receipt(ctx context.Context, id int64) (Receipt, error) {
	var receipt Receipt
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		q := s.q.WithTx(tx)
		rows, err := q.MessagesByIDs(ctx, []int64{id})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return ErrNotFound
		}
		receipt.Message = message(rows[0])
		if receipt.StoredAt, err = q.StoredAt(ctx, id); err != nil {
			return err
		}
		if err := receipt.judgements(ctx, q, id); err != nil {
			return err
		}
		return receipt.task(ctx, q)
	})
	if err != nil {
		return Receipt{}, fmt.Errorf("receipt of message %d: %w", id, err)
	}
	if receipt.Task != nil {
		if receipt.History, err = s.TaskHistory(ctx, receipt.Task.GetId(), 0, receiptHistory); err != nil {
			return Receipt{}, err
		}
	}
	return receipt, nil
}

// judgements reads the conversation and what was said and proposed about it.
func (r *Receipt) judgements(ctx context.Context, q *db.Queries, id int64) error {
	c, err := q.ConversationOfMessage(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read its conversation: %w", err)
	}
	r.Conversation = &ReceiptConversation{ID: c.ID, FirstAt: c.FirstAt, LastAt: c.LastAt, Messages: int(c.Messages), JudgeAt: c.JudgeAt,
		HeldSince: c.HeldSince, Decision: deref(c.Decision), Explanation: deref(c.Explanation)}
	linked, err := q.TaskLinksOfConversation(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("read its links: %w", err)
	}
	r.Links = links(linked)
	attempts, err := q.AttemptsOfConversation(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("read judgements: %w", err)
	}
	for _, a := range attempts {
		r.Attempts = append(r.Attempts, Attempt{At: a.AttemptedAt, PromptVersion: a.PromptVersion, Milliseconds: a.Milliseconds, Turns: int(a.Turns),
			Said:  Saying{IsIssue: a.IsIssue, Category: a.Category, Priority: a.Priority, Provider: &a.Provider, Model: &a.Model, Confidence: a.Confidence},
			Quote: deref(a.Quote), Reason: deref(a.Reason), Signals: a.Signals, Decision: a.Decision, Explanation: a.Explanation, Error: a.Error})
	}
	proposals, err := q.ProposalOfConversation(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("read its proposal: %w", err)
	}
	for _, p := range proposals {
		messages, err := proposalMessages(ctx, q, p)
		if err != nil {
			return err
		}
		r.Proposal = proposal(p, messages[p.ID])
	}
	return nil
}

// task reads the task and what people corrected.
func (r *Receipt) task(ctx context.Context, q *db.Queries) (err error) {
	arg := db.FeedbackOfMessageParams{MessageID: ptr(r.Message.GetId())}
	if r.Conversation != nil {
		arg.ConversationID = &r.Conversation.ID
	}
	if r.Proposal != nil {
		arg.ProposalID = ptr(r.Proposal.GetId())
	}
	if id := r.Message.GetTaskId(); id != 0 {
		arg.TaskID = &id
		if r.Task, err = getTask(ctx, q, id); err != nil {
			return err
		}
	}
	rows, err := q.FeedbackOfMessage(ctx, arg)
	if err != nil {
		return fmt.Errorf("read feedback: %w", err)
	}
	r.Feedback = feedbacks(rows)
	return nil
}
