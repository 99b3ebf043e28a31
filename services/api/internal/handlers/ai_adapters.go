package handlers

import (
	"context"
	"errors"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/ai"
)

// ListAIAdapters lists what the built-in classifier has learnt.
func (h *Handlers) ListAIAdapters(ctx context.Context, _ apiserver.ListAIAdaptersRequestObject) (apiserver.ListAIAdaptersResponseObject, error) {
	found, err := h.AI.Adapters(ctx)
	if err != nil {
		return nil, err
	}
	return apiserver.ListAIAdapters200JSONResponse(adapters(found)), nil
}

// ActivateAIAdapter puts another version of it to use.
func (h *Handlers) ActivateAIAdapter(ctx context.Context, r apiserver.ActivateAIAdapterRequestObject) (apiserver.ActivateAIAdapterResponseObject, error) {
	id := int64(0)
	if r.Body.ID != nil {
		id = *r.Body.ID
	}
	found, err := h.AI.Activate(ctx, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, notFound("Version not found")
	case errors.Is(err, store.ErrConflict):
		return nil, conflict("This version cannot be used: " + after(err, store.ErrConflict) + ".")
	case err != nil:
		return nil, err
	}
	return apiserver.ActivateAIAdapter200JSONResponse(adapters(found)), nil
}

func adapters(found ai.Adapters) api.AIAdapters {
	body := api.AIAdapters{Base: optional(found.Base), NewCorrections: found.NewCorrections, Items: make([]api.AIAdapter, 0, len(found.Versions))}
	for _, v := range found.Versions {
		if v.Active && v.Base == found.Base {
			body.ActiveID = &v.ID
		}
		body.Items = append(body.Items, api.AIAdapter{
			ID: v.ID, Active: v.Active && v.Base == found.Base, Adopted: v.Adopted, Fits: v.Base == found.Base, Learnt: v.Learnt, HeldBack: v.HeldBack, CreatedAt: v.CreatedAt,
			Before: api.AIAdapterWorth{Right: v.Before.Right, Loss: v.Before.Loss}, After: api.AIAdapterWorth{Right: v.After.Right, Loss: v.After.Loss},
		})
	}
	return body
}
