package handlers

import (
	"context"
	"errors"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

const defaultLinks = 200

// ListTaskLinks lists what may be the same as a task.
func (h *Handlers) ListTaskLinks(ctx context.Context, r apiserver.ListTaskLinksRequestObject) (apiserver.ListTaskLinksResponseObject, error) {
	links, err := h.Store.TaskLinks(ctx, r.ID)
	if err != nil {
		return nil, taskError(err)
	}
	return apiserver.ListTaskLinks200JSONResponse(taskLinks(links)), nil
}

// ListLinks pages through the links that wait for a person, newest first.
func (h *Handlers) ListLinks(ctx context.Context, r apiserver.ListLinksRequestObject) (apiserver.ListLinksResponseObject, error) {
	limit := defaultLinks
	set(&limit, r.Params.Limit)
	before, err := numberCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	links, err := h.Store.OpenLinks(ctx, before, limit)
	if err != nil {
		return nil, err
	}
	cursor := ""
	if len(links) == limit {
		cursor = decimal(links[limit-1].ID)
	}
	link, next := nextPage(ctx, cursor)
	return apiserver.ListLinks200JSONResponse{
		Body: taskLinks(links), Headers: apiserver.ListLinks200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

// LinkTask says that a task may be the same as another.
func (h *Handlers) LinkTask(ctx context.Context, r apiserver.LinkTaskRequestObject) (apiserver.LinkTaskResponseObject, error) {
	done, err := h.linked(ctx)(h.Store.LinkTasks(ctx, r.ID, r.Body.TaskID, false, caller()))
	return apiserver.LinkTask200JSONResponse(done), taskError(err)
}

// MergeTask says that a task is the same as another.
func (h *Handlers) MergeTask(ctx context.Context, r apiserver.MergeTaskRequestObject) (apiserver.MergeTaskResponseObject, error) {
	done, err := h.linked(ctx)(h.Store.LinkTasks(ctx, r.ID, r.Body.IntoTaskID, true, caller()))
	return apiserver.MergeTask200JSONResponse(done), taskError(err)
}

// SplitTask makes a task of its own of some of a task's messages.
func (h *Handlers) SplitTask(ctx context.Context, r apiserver.SplitTaskRequestObject) (apiserver.SplitTaskResponseObject, error) {
	done, err := h.linked(ctx)(h.Store.SplitTask(ctx, r.ID, unique(r.Body.MessageIds), value(r.Body.Title), caller()))
	if errors.Is(err, store.ErrNoMessage) {
		err = contract.Fault("unknown", after(err, store.ErrNoMessage), "body", "message_ids")
	}
	return apiserver.SplitTask200JSONResponse(done), taskError(err)
}

// AcceptLink merges the two.
func (h *Handlers) AcceptLink(ctx context.Context, r apiserver.AcceptLinkRequestObject) (apiserver.AcceptLinkResponseObject, error) {
	done, err := h.linked(ctx)(h.Store.AcceptLink(ctx, r.ID, caller()))
	return apiserver.AcceptLink200JSONResponse(done), linkError(err)
}

// RefuseLink keeps that they are not the same.
func (h *Handlers) RefuseLink(ctx context.Context, r apiserver.RefuseLinkRequestObject) (apiserver.RefuseLinkResponseObject, error) {
	done, err := h.linked(ctx)(h.Store.RefuseLink(ctx, r.ID, caller()))
	return apiserver.RefuseLink200JSONResponse(done), linkError(err)
}

// UndoLink brings back what was before.
func (h *Handlers) UndoLink(ctx context.Context, r apiserver.UndoLinkRequestObject) (apiserver.UndoLinkResponseObject, error) {
	done, err := h.linked(ctx)(h.Store.UndoLink(ctx, r.ID, caller()))
	return apiserver.UndoLink200JSONResponse(done), linkError(err)
}

// linked publishes what a decision changed, and says it.
func (h *Handlers) linked(ctx context.Context) func(store.LinkDecision, error) (api.LinkDecision, error) {
	return func(d store.LinkDecision, err error) (api.LinkDecision, error) {
		switch {
		case errors.Is(err, store.ErrNoTask):
			return api.LinkDecision{}, notFound("The other task was not found")
		case errors.Is(err, store.ErrConflict):
			return api.LinkDecision{}, conflict("This cannot be done as things are now: " + after(err, store.ErrConflict) + ". Load the task again to see what was decided; undo that first to decide anew.")
		case err != nil:
			return api.LinkDecision{}, err
		}
		h.Outbox.Publish(ctx, d.Events)
		answer := api.LinkDecision{Link: taskLink(d.Link), Task: wire.Task(d.Task)}
		if d.Other != nil {
			other := wire.Task(d.Other)
			answer.OtherTask = &other
		}
		return answer, nil
	}
}

// linkError says what was not found where a link was asked for.
func linkError(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return notFound("Link not found")
	}
	return err
}

func taskLinks(links []store.Link) []api.TaskLink {
	list := make([]api.TaskLink, 0, len(links))
	for _, l := range links {
		list = append(list, taskLink(l))
	}
	return list
}

func taskLink(l store.Link) api.TaskLink {
	return api.TaskLink{ID: l.ID, Status: api.LinkStatus(l.Status), TaskID: l.TaskID, TaskTitle: l.TaskTitle, TaskStatus: api.TaskStatus(l.TaskStatus),
		KeptTaskID: l.KeptTaskID, OtherTaskID: l.OtherTaskID, ProposalID: l.ProposalID, OtherTitle: l.OtherTitle, OtherStatus: l.OtherStatus, Score: l.Score,
		Reason: l.Reason, Shared: append([]string{}, l.Shared...), CreatedBy: l.CreatedBy, CreatedAt: l.CreatedAt, DecidedBy: l.DecidedBy, DecidedAt: l.DecidedAt,
		Undoable: l.Undoable}
}
