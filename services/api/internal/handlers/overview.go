package handlers

import (
	"context"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

// GetOverview counts a span, and the one before it that is as long.
func (h *Handlers) GetOverview(ctx context.Context, r apiserver.GetOverviewRequestObject) (apiserver.GetOverviewResponseObject, error) {
	first, last := r.Params.DateFrom.Time, r.Params.DateTo.Time
	from, before, tz, err := span(r.Params.DateFrom, r.Params.DateTo, r.Params.TZ)
	if err != nil {
		return nil, err
	}
	days := int(last.Sub(first)/(24*time.Hour)) + 1
	current, err := h.Store.Overview(ctx, from, before, tz)
	if err != nil {
		return nil, err
	}
	earlier := first.AddDate(0, 0, -days)
	previous, err := h.Store.Overview(ctx, startOfDay(earlier, tz), from, tz)
	if err != nil {
		return nil, err
	}
	return apiserver.GetOverview200JSONResponse{
		Current: overviewSpan(first, last, current), Previous: overviewSpan(earlier, first.AddDate(0, 0, -1), previous),
	}, nil
}

func overviewSpan(first, last time.Time, o store.Overview) api.OverviewSpan {
	counted := api.OverviewSpan{
		DateFrom: types.Date{Time: first}, DateTo: types.Date{Time: last}, Messages: o.Messages, Judged: o.Judged, Issues: o.Issues,
		TasksCreated: o.TasksCreated, TasksClosed: o.TasksClosed, TasksOfMessages: o.TasksOfMessages,
	}
	if o.TasksOfMessages > 0 {
		seconds := o.ToTask.Seconds()
		counted.MedianSecondsToTask = &seconds
	}
	return counted
}
