package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

// ListViews lists the shared views.
func (h *Handlers) ListViews(ctx context.Context, _ apiserver.ListViewsRequestObject) (apiserver.ListViewsResponseObject, error) {
	found, err := h.Store.Views(ctx)
	if err != nil {
		return nil, err
	}
	body := make(apiserver.ListViews200JSONResponse, 0, len(found))
	for _, v := range found {
		body = append(body, sharedView(v))
	}
	return body, nil
}

// SaveView shares a view.
func (h *Handlers) SaveView(ctx context.Context, r apiserver.SaveViewRequestObject) (apiserver.SaveViewResponseObject, error) {
	saved, events, err := h.Store.SaveView(ctx, store.View{Page: string(r.Body.Page), Name: strings.TrimSpace(r.Body.Name), Query: r.Body.Query})
	if errors.Is(err, store.ErrConflict) {
		return nil, conflict(fmt.Sprintf("There are %d shared views of this page: remove one first.", store.MaxViews))
	}
	if err != nil {
		return nil, err
	}
	h.Outbox.Publish(ctx, events)
	return apiserver.SaveView200JSONResponse(sharedView(saved)), nil
}

// DeleteView removes a shared view.
func (h *Handlers) DeleteView(ctx context.Context, r apiserver.DeleteViewRequestObject) (apiserver.DeleteViewResponseObject, error) {
	events, err := h.Store.DeleteView(ctx, r.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("View not found")
	}
	if err != nil {
		return nil, err
	}
	h.Outbox.Publish(ctx, events)
	return apiserver.DeleteView204Response{}, nil
}

func sharedView(v store.View) api.View {
	return api.View{ID: v.ID, Page: api.ViewPage(v.Page), Name: v.Name, Query: v.Query, UpdatedAt: v.UpdatedAt}
}
