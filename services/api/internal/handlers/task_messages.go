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

// AttachMessages has messages lead to a task.
func (h *Handlers) AttachMessages(ctx context.Context, r apiserver.AttachMessagesRequestObject) (apiserver.AttachMessagesResponseObject, error) {
	task, err := h.rerouted(ctx)(h.Store.AttachMessages(ctx, r.ID, unique(r.Body.MessageIds), caller()))
	return apiserver.AttachMessages200JSONResponse(task), err
}

// DetachMessages has them lead nowhere.
func (h *Handlers) DetachMessages(ctx context.Context, r apiserver.DetachMessagesRequestObject) (apiserver.DetachMessagesResponseObject, error) {
	task, err := h.rerouted(ctx)(h.Store.DetachMessages(ctx, r.ID, unique(r.Body.MessageIds), caller()))
	return apiserver.DetachMessages200JSONResponse(task), err
}

// rerouted publishes which messages lead to a task now, and says it.
func (h *Handlers) rerouted(ctx context.Context) func(store.TaskResult, error) (api.TaskResponse, error) {
	return func(result store.TaskResult, err error) (api.TaskResponse, error) {
		switch {
		case errors.Is(err, store.ErrNoMessage):
			return api.TaskResponse{}, contract.Fault("unknown", "names a message that does not exist: "+after(err, store.ErrNoMessage), "body", "message_ids")
		case errors.Is(err, store.ErrConflict):
			return api.TaskResponse{}, conflict("Nothing was changed: " + after(err, store.ErrConflict) + ". Leave it out, or split it off that task first.")
		case err != nil:
			return api.TaskResponse{}, taskError(err)
		}
		h.Outbox.Publish(ctx, result.Events)
		return wire.Task(result.Task), nil
	}
}
