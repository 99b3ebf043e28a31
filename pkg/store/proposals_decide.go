package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Statuses of proposals.
const (
	ProposalPending  = "pending"
	ProposalAccepted = "accepted"
	ProposalRejected = "rejected"
	ProposalMerged   = "merged"
	ProposalSnoozed  = "snoozed"
)

// ProposalDecision is what a person decided about a proposal.
type ProposalDecision struct {
	Proposal *eventsv1.Proposal
	// Task is the one that it concerns; nil for none.
	Task *eventsv1.Task
	// Events are the outbox rows written with it, for publishing at once.
	Events []OutboxEvent
}

// AcceptProposal makes the task that is proposed, as change leaves it, and has its messages
// lead to it. It returns ErrNotFound, and ErrConflict for one that was decided.
func (s *Store) AcceptProposal(ctx context.Context, id int64, actor Actor, change func(*NewTask)) (ProposalDecision, error) {
	return s.decideProposal(ctx, id, actor, func(d *deciding) error {
		task := NewTask{Title: d.was.Title, Description: d.was.Description, Category: d.was.Category, Priority: d.was.Priority, Source: d.was.Source,
			AIGenerated: true, Confidence: &d.was.Confidence, Assignee: d.was.Assignee, DueAt: d.was.DueAt, MessageIDs: d.messages}
		change(&task)
		made, err := s.createTask(ctx, d.q, task, actor, "origin")
		if err != nil {
			return err
		}
		d.result.Task, d.result.Events = made.Task, made.Events
		d.linked = made.Task.GetSourceMessageIds()
		d.next.Title, d.next.Description, d.next.Category, d.next.Priority = task.Title, task.Description, task.Category, task.Priority
		d.next.Assignee, d.next.DueAt = task.Assignee, task.DueAt
		if err := d.lead(ctx, made.Task.GetId(), true); err != nil {
			return err
		}
		if err := d.linksOfTask(ctx, made.Task.GetId()); err != nil {
			return err
		}
		d.settle(ProposalAccepted)
		return d.feedback(ctx, db.InsertFeedbackParams{Kind: "accept", IsIssue: ptr(true), Category: &task.Category, Priority: &task.Priority})
	})
}

// RejectProposal says that it is no task, and why: noise, duplicate, not_actionable,
// already_done or other. Errors are as of AcceptProposal.
func (s *Store) RejectProposal(ctx context.Context, id int64, actor Actor, reason, comment string) (ProposalDecision, error) {
	return s.decideProposal(ctx, id, actor, func(d *deciding) error {
		d.settle(ProposalRejected)
		d.next.RejectReason, d.next.Comment = reason, comment
		given := db.InsertFeedbackParams{Kind: "reject", Reason: reason, Comment: comment}
		if reason == "noise" || reason == "not_actionable" {
			given.IsIssue = ptr(false)
		}
		return d.feedback(ctx, given)
	})
}

// MergeProposal has its messages, and what is still said in their conversation, lead to a
// task that there is. A task that does not exist is ErrNoTask.
func (s *Store) MergeProposal(ctx context.Context, id int64, actor Actor, taskID int64) (ProposalDecision, error) {
	return s.decideProposal(ctx, id, actor, func(d *deciding) error {
		if err := d.q.LockTaskLinks(ctx); err != nil {
			return fmt.Errorf("lock links: %w", err)
		}
		kept, err := d.q.KeptTask(ctx, taskID) // itself, unless it was merged
		if err != nil {
			return fmt.Errorf("find what task %d was merged into: %w", taskID, err)
		}
		if kept != 0 {
			taskID = kept
		}
		if _, err := d.q.LockTask(ctx, taskID); errors.Is(err, pgx.ErrNoRows) {
			return ErrNoTask
		} else if err != nil {
			return err
		}
		if task, err := d.q.GetTask(ctx, taskID); err != nil || task.Category == CategorySummary {
			return cmp.Or(err, fmt.Errorf("%w: task %d is a summary", ErrConflict, taskID))
		}
		ids := make([]int64, len(d.messages))
		for i := range ids {
			ids[i] = taskID
		}
		linked, err := d.q.LinkOrigins(ctx, db.LinkOriginsParams{TaskIds: ids, MessageIds: d.messages})
		if err != nil {
			return fmt.Errorf("link messages: %w", err)
		}
		for _, l := range linked {
			d.linked = append(d.linked, l.MessageID)
		}
		if err := d.lead(ctx, taskID, false); err != nil {
			return err
		}
		if err := d.tell(ctx, taskID, []string{fieldMessages}); err != nil {
			return err
		}
		if err := d.settleLink(ctx, taskID, LinkOpen, LinkMerged); err != nil {
			return err
		}
		d.settle(ProposalMerged)
		return d.feedback(ctx, db.InsertFeedbackParams{Kind: "merge", IsIssue: ptr(true)})
	})
}

// SnoozeProposal puts it off until a moment. Errors are as of AcceptProposal.
func (s *Store) SnoozeProposal(ctx context.Context, id int64, actor Actor, until time.Time) (ProposalDecision, error) {
	return s.decideProposal(ctx, id, actor, func(d *deciding) error {
		d.settle(ProposalSnoozed)
		d.next.SnoozedUntil = &until
		return nil
	})
}

// decideProposal locks a proposal that waits, lets decide say what follows, and writes it
// with the event of it.
func (s *Store) decideProposal(ctx context.Context, id int64, actor Actor, decide func(*deciding) error) (ProposalDecision, error) {
	return s.changeProposal(ctx, id, actor, func(d *deciding) error {
		if d.was.Status != ProposalPending && d.was.Status != ProposalSnoozed {
			return fmt.Errorf("%w: it is %s", ErrConflict, d.was.Status)
		}
		if err := decide(d); err != nil {
			return err
		}
		w := d.was
		var kept []int64
		if d.next.TaskID != nil {
			kept = without(d.messages, d.linked)
		}
		previous, err := json.Marshal(previously{Status: w.Status, Title: w.Title, Description: w.Description, Category: w.Category, Priority: w.Priority,
			Assignee: w.Assignee, DueAt: w.DueAt, DecidedAt: w.DecidedAt, DecidedBy: w.DecidedBy, SnoozedUntil: w.SnoozedUntil, Linked: d.linked, Kept: kept})
		d.next.Previous = previous
		return err
	})
}

// changeProposal locks, in the order in which judging does, and writes.
func (s *Store) changeProposal(ctx context.Context, id int64, actor Actor, change func(*deciding) error) (ProposalDecision, error) {
	var result ProposalDecision
	err := s.inTxAgain(ctx, func(_ pgx.Tx, q *db.Queries) error {
		d := &deciding{store: s, q: q, actor: actor}
		if err := d.lock(ctx, id); err != nil {
			return err
		}
		if err := change(d); err != nil {
			return err
		}
		row, err := q.WriteProposal(ctx, d.next)
		if err != nil {
			return err
		}
		if err := d.tellMessages(ctx); err != nil {
			return err
		}
		d.result.Proposal = proposal(row, d.messages)
		if changed := proposalChanges(d.was, row); len(changed) > 0 {
			if err := emitProposal(ctx, q, &d.result.Events, row, d.messages, changed); err != nil {
				return err
			}
		}
		result = d.result
		return nil
	})
	if err != nil {
		return ProposalDecision{}, fmt.Errorf("decide about proposal %d: %w", id, err)
	}
	return result, nil
}
