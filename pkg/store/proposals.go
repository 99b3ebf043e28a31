package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// proposal maps a row to what every service sees.
func proposal(r db.Proposal, messageIDs []int64) *eventsv1.Proposal {
	return &eventsv1.Proposal{
		Id: r.ID, Status: r.Status, Title: r.Title, Description: r.Description, Category: r.Category, Priority: r.Priority,
		Confidence: r.Confidence, Reason: r.Reason, Quote: r.Quote, Provider: r.Provider, Model: r.Model, Source: r.Source,
		Assignee: r.Assignee, DueAt: timestamp(r.DueAt), CreatedAt: timestamppb.New(r.CreatedAt), UpdatedAt: timestamppb.New(r.UpdatedAt),
		DecidedAt: timestamp(r.DecidedAt), DecidedBy: r.DecidedBy, RejectReason: r.RejectReason, Comment: r.Comment,
		SnoozedUntil: timestamp(r.SnoozedUntil), TaskId: deref(r.TaskID), MessageIds: messageIDs, Undoable: r.Previous != nil,
	}
}

// proposalEvent tells of a new proposal where changed is nil, else of a changed one.
func proposalEvent(r db.Proposal, messageIDs []int64, changed []string) (string, *eventsv1.Event) {
	p := proposal(r, messageIDs)
	if changed == nil {
		return bus.SubjectProposalCreated, &eventsv1.Event{Payload: &eventsv1.Event_ProposalCreated{
			ProposalCreated: &eventsv1.ProposalCreated{Proposal: p}}}
	}
	return bus.SubjectProposalUpdated, &eventsv1.Event{Payload: &eventsv1.Event_ProposalUpdated{
		ProposalUpdated: &eventsv1.ProposalUpdated{Proposal: p, Changed: changed}}}
}

func emitProposal(ctx context.Context, q *db.Queries, written *[]OutboxEvent, r db.Proposal, messageIDs []int64, changed []string) error {
	subject, event := proposalEvent(r, messageIDs, changed)
	return emit(ctx, q, written, subject, event)
}

// proposalChanges names what differs, as clients see it.
func proposalChanges(was, is db.Proposal) []string {
	var changed []string
	for _, f := range []struct {
		name    string
		differs bool
	}{
		{"status", was.Status != is.Status},
		{"title", was.Title != is.Title},
		{"description", was.Description != is.Description},
		{"category", was.Category != is.Category},
		{"priority", was.Priority != is.Priority},
		{"confidence", was.Confidence != is.Confidence},
		{"reason", was.Reason != is.Reason || was.Quote != is.Quote},
		{"assignee", deref(was.Assignee) != deref(is.Assignee)},
		{"due_at", (was.DueAt == nil) != (is.DueAt == nil) || !deref(was.DueAt).Equal(deref(is.DueAt))},
		{"reject_reason", was.RejectReason != is.RejectReason},
		{"comment", was.Comment != is.Comment},
		{"snoozed_until", (was.SnoozedUntil == nil) != (is.SnoozedUntil == nil) || !deref(was.SnoozedUntil).Equal(deref(is.SnoozedUntil))},
		{"task_id", deref(was.TaskID) != deref(is.TaskID)},
	} {
		if f.differs {
			changed = append(changed, f.name)
		}
	}
	return changed
}

// WakeProposals brings back the snoozed proposals that are due, at most a hundred.
func (s *Store) WakeProposals(ctx context.Context) ([]OutboxEvent, error) {
	var events []OutboxEvent
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		rows, err := q.WakeProposals(ctx)
		if err != nil || len(rows) == 0 {
			return err
		}
		messages, err := proposalMessages(ctx, q, rows...)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := emitProposal(ctx, q, &events, row, messages[row.ID], []string{"status", "snoozed_until"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("wake proposals: %w", err)
	}
	return events, nil
}

// proposalMessages reads the messages of proposals, by proposal.
func proposalMessages(ctx context.Context, q *db.Queries, proposals ...db.Proposal) (map[int64][]int64, error) {
	ids := make([]int64, len(proposals))
	for i, p := range proposals {
		ids[i] = p.ID
	}
	rows, err := q.ProposalMessages(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the messages of %d proposals: %w", len(ids), err)
	}
	messages := make(map[int64][]int64, len(proposals))
	for _, r := range rows {
		messages[r.ProposalID] = append(messages[r.ProposalID], r.MessageID)
	}
	return messages, nil
}
