package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// previously is what undoing a decision brings back.
type previously struct {
	Status       string     `json:"status"`
	Title        string     `json:"title"`
	Description  string     `json:"description"`
	Category     string     `json:"category"`
	Priority     string     `json:"priority"`
	Assignee     *string    `json:"assignee,omitempty"`
	DueAt        *time.Time `json:"due_at,omitempty"`
	DecidedAt    *time.Time `json:"decided_at,omitempty"`
	DecidedBy    string     `json:"decided_by,omitempty"`
	SnoozedUntil *time.Time `json:"snoozed_until,omitempty"`
	// Linked are the messages that the decision had lead to the task, Kept those of its
	// conversation that led to one already.
	Linked []int64 `json:"linked,omitempty"`
	Kept   []int64 `json:"kept,omitempty"`
}

// deciding is one decision about a proposal, whose row and conversation are locked.
type deciding struct {
	store    *Store
	q        *db.Queries
	actor    Actor
	was      db.Proposal
	next     db.WriteProposalParams
	messages []int64
	linked   []int64
	result   ProposalDecision
}

func (d *deciding) lock(ctx context.Context, id int64) error {
	row, err := d.q.GetProposal(ctx, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return err
	}
	if row.ConversationID != nil {
		if err := d.q.LockConversations(ctx, []int64{*row.ConversationID}); err != nil {
			return fmt.Errorf("lock its conversation: %w", err)
		}
	}
	if d.was, err = d.q.LockProposal(ctx, id); err != nil {
		return err
	}
	messages, err := proposalMessages(ctx, d.q, d.was)
	if err != nil {
		return err
	}
	w := d.was
	d.messages = messages[id]
	d.next = db.WriteProposalParams{ID: id, Status: w.Status, Title: w.Title, Description: w.Description, Category: w.Category, Priority: w.Priority,
		Assignee: w.Assignee, DueAt: w.DueAt}
	return nil
}

// settle notes what was decided, by whom and when.
func (d *deciding) settle(status string) {
	now := time.Now()
	d.next.Status, d.next.DecidedAt, d.next.DecidedBy = status, &now, d.actor.Name
}

// lead has the conversation lead to a task from now on.
func (d *deciding) lead(ctx context.Context, task int64, made bool) error {
	d.next.TaskID = &task
	if d.was.ConversationID == nil {
		return nil
	}
	leads, err := d.leadsTo(ctx)
	if err != nil || leads == task {
		return err
	}
	if leads != 0 { // it is judged anew in a moment, and then says so itself
		return fmt.Errorf("%w: its messages lead to task %d already", ErrConflict, leads)
	}
	err = d.q.LinkConversations(ctx, db.LinkConversationsParams{ConversationIds: []int64{*d.was.ConversationID}, TaskIds: []int64{task}, Made: []bool{made}})
	if err != nil {
		return fmt.Errorf("link its conversation: %w", err)
	}
	return nil
}

// leadsTo is the task that its conversation leads to; 0 for none.
func (d *deciding) leadsTo(ctx context.Context) (int64, error) {
	if d.was.ConversationID == nil {
		return 0, nil
	}
	rows, err := d.q.TasksOfConversations(ctx, []int64{*d.was.ConversationID})
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].TaskID, nil
}

// tell announces a task that changed.
func (d *deciding) tell(ctx context.Context, id int64, changed []string) error {
	now, err := getTask(ctx, d.q, id)
	if err != nil {
		return err
	}
	d.result.Task = now
	err = emit(ctx, d.q, &d.result.Events, bus.SubjectTaskUpdated, &eventsv1.Event{
		Payload: &eventsv1.Event_TaskUpdated{TaskUpdated: &eventsv1.TaskUpdated{Task: now, Changed: changed}}})
	if err != nil {
		return err
	}
	return emitStats(ctx, d.q, &d.result.Events, "task_updated", id)
}

// tellMessages announces the messages whose task is another now.
func (d *deciding) tellMessages(ctx context.Context) error {
	return emitMessages(ctx, d.q, &d.result.Events, d.linked)
}

// emitMessages announces messages as they are now.
func emitMessages(ctx context.Context, q *db.Queries, written *[]OutboxEvent, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.MessagesByIDs(ctx, ids)
	if err != nil {
		return fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	for _, r := range rows {
		err := emit(ctx, q, written, bus.SubjectMessageUpdated, &eventsv1.Event{
			Payload: &eventsv1.Event_MessageUpdated{MessageUpdated: &eventsv1.MessageUpdated{Message: message(r)}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// feedback keeps what the person said beside what the machine had proposed.
func (d *deciding) feedback(ctx context.Context, given db.InsertFeedbackParams) error {
	w := d.was
	given.ConversationID, given.ProposalID, given.TaskID, given.Actor = w.ConversationID, &w.ID, d.next.TaskID, d.actor.Name
	given.MachineIsIssue, given.MachineCategory, given.MachinePriority = ptr(true), &w.Category, &w.Priority
	given.MachineConfidence, given.MachineProvider, given.MachineModel = &w.Confidence, &w.Provider, &w.Model
	if err := d.q.InsertFeedback(ctx, given); err != nil {
		return fmt.Errorf("keep feedback: %w", err)
	}
	return nil
}

// without is what of ids is not among others.
func without(ids, others []int64) []int64 {
	return slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return slices.Contains(others, id) })
}

func ptr[T any](v T) *T { return &v }
