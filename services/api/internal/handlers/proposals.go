package handlers

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

const (
	defaultProposals = 50
	anyStatus        = "all"
	// longestSnooze is as proto/openapi.yaml says.
	longestSnooze = 366 * 24 * time.Hour
)

// ListProposals pages through proposals, newest first.
func (h *Handlers) ListProposals(ctx context.Context, r apiserver.ListProposalsRequestObject) (apiserver.ListProposalsResponseObject, error) {
	status, limit := store.ProposalPending, defaultProposals
	if r.Params.Status != nil {
		status = strings.TrimSuffix(string(*r.Params.Status), anyStatus)
	}
	set(&limit, r.Params.Limit)
	page, err := h.Store.ListProposals(ctx, status, limit, value(r.Params.Cursor))
	if err != nil {
		return nil, err
	}
	body := make([]api.ProposalResponse, 0, len(page.Proposals))
	for _, p := range page.Proposals {
		body = append(body, wire.Proposal(p))
	}
	link, next := nextPage(ctx, page.NextCursor)
	return apiserver.ListProposals200JSONResponse{
		Body: body, Headers: apiserver.ListProposals200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

// GetProposal reads one proposal.
func (h *Handlers) GetProposal(ctx context.Context, r apiserver.GetProposalRequestObject) (apiserver.GetProposalResponseObject, error) {
	p, err := h.Store.GetProposal(ctx, r.ID)
	if err != nil {
		return nil, proposalError(err)
	}
	return apiserver.GetProposal200JSONResponse(wire.Proposal(p)), nil
}

// ListSimilarProposals lists what waits and may say the same as a proposal.
func (h *Handlers) ListSimilarProposals(ctx context.Context, r apiserver.ListSimilarProposalsRequestObject) (apiserver.ListSimilarProposalsResponseObject, error) {
	settings, err := h.AI.Settings(ctx)
	if err != nil {
		return nil, err
	}
	found, err := h.Store.SimilarProposals(ctx, r.ID, settings.DuplicateLikely)
	if err != nil {
		return nil, proposalError(err)
	}
	body := make(apiserver.ListSimilarProposals200JSONResponse, 0, len(found))
	for _, a := range found {
		body = append(body, api.SimilarProposal{Proposal: wire.Proposal(a.Proposal), Score: a.Score, Shared: append([]string{}, a.Shared...)})
	}
	return body, nil
}

// AcceptProposal makes the task, with what the body says in place of what was proposed.
func (h *Handlers) AcceptProposal(ctx context.Context, r apiserver.AcceptProposalRequestObject) (apiserver.AcceptProposalResponseObject, error) {
	if b := r.Body; b != nil && b.DueAt != nil && (b.DueAt.UTC().Year() < 1 || b.DueAt.UTC().Year() > 9999) {
		return nil, contract.Fault("range", "must be a time between the years 1 and 9999", "body", "due_at")
	}
	done, err := h.decided(ctx)(h.Store.AcceptProposal(ctx, r.ID, caller(), func(t *store.NewTask) {
		if b := r.Body; b != nil {
			set(&t.Title, b.Title)
			set(&t.Description, b.Description)
			set(&t.Category, (*string)(b.Category))
			set(&t.Priority, (*string)(b.Priority))
			if b.Assignee != nil {
				t.Assignee = b.Assignee
			}
			if b.DueAt != nil {
				t.DueAt = b.DueAt
			}
		}
	}))
	return apiserver.AcceptProposal200JSONResponse(done), err
}

// RejectProposal keeps the reason as feedback.
func (h *Handlers) RejectProposal(ctx context.Context, r apiserver.RejectProposalRequestObject) (apiserver.RejectProposalResponseObject, error) {
	done, err := h.decided(ctx)(h.Store.RejectProposal(ctx, r.ID, caller(), string(r.Body.Reason), value(r.Body.Comment)))
	return apiserver.RejectProposal200JSONResponse(done), err
}

// MergeProposal attaches its messages to a task.
func (h *Handlers) MergeProposal(ctx context.Context, r apiserver.MergeProposalRequestObject) (apiserver.MergeProposalResponseObject, error) {
	done, err := h.decided(ctx)(h.Store.MergeProposal(ctx, r.ID, caller(), r.Body.TaskID))
	return apiserver.MergeProposal200JSONResponse(done), err
}

// SnoozeProposal puts it off.
func (h *Handlers) SnoozeProposal(ctx context.Context, r apiserver.SnoozeProposalRequestObject) (apiserver.SnoozeProposalResponseObject, error) {
	if left := time.Until(r.Body.Until); left <= 0 || left > longestSnooze {
		return nil, contract.Fault("range", "must be a time after now, within a year", "body", "until")
	}
	done, err := h.decided(ctx)(h.Store.SnoozeProposal(ctx, r.ID, caller(), r.Body.Until))
	return apiserver.SnoozeProposal200JSONResponse(done), err
}

// UndoProposal brings back what was before the last decision.
func (h *Handlers) UndoProposal(ctx context.Context, r apiserver.UndoProposalRequestObject) (apiserver.UndoProposalResponseObject, error) {
	done, err := h.decided(ctx)(h.Store.UndoProposal(ctx, r.ID, caller()))
	return apiserver.UndoProposal200JSONResponse(done), err
}

// decided publishes what a decision changed, and says it.
func (h *Handlers) decided(ctx context.Context) func(store.ProposalDecision, error) (api.ProposalDecision, error) {
	return func(d store.ProposalDecision, err error) (api.ProposalDecision, error) {
		if err != nil {
			return api.ProposalDecision{}, proposalError(err)
		}
		h.Outbox.Publish(ctx, d.Events)
		answer := api.ProposalDecision{Proposal: wire.Proposal(d.Proposal)}
		if d.Task != nil {
			task := wire.Task(d.Task)
			answer.Task = &task
		}
		return answer, nil
	}
}

func proposalError(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return notFound("Proposal not found")
	case errors.Is(err, store.ErrNoTask):
		return notFound("Task not found")
	case errors.Is(err, store.ErrConflict):
		return conflict("This cannot be done as the proposal is now: " + after(err, store.ErrConflict) + ". Load it again to see what was decided; undo that first to decide anew.")
	}
	return err
}
