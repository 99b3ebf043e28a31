package handlers

import (
	"context"
	"time"

	"github.com/oapi-codegen/runtime/types"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// GetStats gives the figures of all tasks, and the trend.
func (h *Handlers) GetStats(ctx context.Context, _ apiserver.GetStatsRequestObject) (apiserver.GetStatsResponseObject, error) {
	stats, err := h.Store.Stats(ctx)
	if err != nil {
		return nil, err
	}
	all, status := stats.All, stats.All.ByStatus
	open := waiting(all)
	return apiserver.GetStats200JSONResponse{
		Total: all.Total, TotalTasks: all.Total, Pending: open, OpenTasks: open,
		InProgress: status["in_progress"], Completed: status["completed"], CompletedTasks: status["completed"], Cancelled: status["cancelled"],
		Categories: all.ByCategory, Priorities: all.ByPriority,
		ByPriority: api.StatsByPriority{
			Low: all.ByPriority["low"], Medium: all.ByPriority["medium"], High: all.ByPriority["high"],
			Critical: all.ByPriority["critical"], Urgent: all.ByPriority["critical"],
		},
		ByStatus: api.StatsByStatus{
			Open: status["open"], Pending: status["pending"], InProgress: status["in_progress"],
			Completed: status["completed"], Cancelled: status["cancelled"],
		},
		Trend: api.StatsTrend{
			Total: stats.Trend.Total, Pending: waiting(stats.Trend), InProgress: stats.Trend.ByStatus["in_progress"],
			Completed: stats.Trend.ByStatus["completed"], Cancelled: stats.Trend.ByStatus["cancelled"],
		},
	}, nil
}

// waiting counts what awaits action: open and pending.
func waiting(c store.Counts) int64 { return c.ByStatus["open"] + c.ByStatus["pending"] }

// GetActivity counts messages per hour and source.
func (h *Handlers) GetActivity(ctx context.Context, r apiserver.GetActivityRequestObject) (apiserver.GetActivityResponseObject, error) {
	tz, err := contract.TimeZone(value(r.Params.TZ))
	if err != nil {
		return nil, err
	}
	period := activityPeriod(r.Params, time.Now().In(tz))
	buckets, err := h.Store.Activity(ctx, period.Start, period.End, tz)
	if err != nil {
		return nil, err
	}
	body := apiserver.GetActivity200JSONResponse{Data: make([]api.ActivityPoint, 0, len(buckets)), Period: period}
	for _, b := range buckets {
		body.Data = append(body.Data, api.ActivityPoint{Timestamp: b.Hour.UTC(), Source: b.Source, Count: b.Count})
		body.TotalMessages += b.Count
	}
	return body, nil
}

// GetChatActivity counts messages per chat.
func (h *Handlers) GetChatActivity(ctx context.Context, r apiserver.GetChatActivityRequestObject) (apiserver.GetChatActivityResponseObject, error) {
	from, before, _, err := span(r.Params.DateFrom, r.Params.DateTo, r.Params.TZ)
	if err != nil {
		return nil, err
	}
	chats, err := h.Store.ChatActivity(ctx, from, before)
	if err != nil {
		return nil, err
	}
	body := make(apiserver.GetChatActivity200JSONResponse, 0, len(chats))
	for _, c := range chats {
		body = append(body, api.ChatActivity{Source: c.Source, ChatID: c.ChatID, ChatName: optional(c.Name), Count: c.Count})
	}
	return body, nil
}

// GetTaskFlow counts tasks created against closed, by day.
func (h *Handlers) GetTaskFlow(ctx context.Context, r apiserver.GetTaskFlowRequestObject) (apiserver.GetTaskFlowResponseObject, error) {
	from, before, tz, err := span(r.Params.DateFrom, r.Params.DateTo, r.Params.TZ)
	if err != nil {
		return nil, err
	}
	counted, err := h.Store.TaskFlow(ctx, from, before, tz)
	if err != nil {
		return nil, err
	}
	byDay := make(map[string]store.TaskFlowDay, len(counted))
	for _, day := range counted {
		byDay[day.Day] = day
	}
	body := apiserver.GetTaskFlow200JSONResponse{Days: []api.TaskFlowDay{}}
	for day := r.Params.DateFrom.Time; !day.After(r.Params.DateTo.Time); day = day.AddDate(0, 0, 1) {
		n := byDay[day.Format(time.DateOnly)]
		body.Days = append(body.Days, api.TaskFlowDay{Day: types.Date{Time: day}, Created: n.Created, Closed: n.Closed})
		body.Created += n.Created
		body.Closed += n.Closed
	}
	took, err := h.Store.TimeToClose(ctx, from, before, "")
	if err != nil {
		return nil, err
	}
	if took.Count > 0 {
		body.MedianSecondsToClose, body.P90SecondsToClose = &took.Median, &took.P90
	}
	return body, nil
}

// activityPeriod is the last seven days, or a month (0 is January) of a year.
func activityPeriod(p api.GetActivityParams, now time.Time) api.ActivityPeriod {
	if value(p.Period) != api.ActivityPeriodTypeMonth {
		return api.ActivityPeriod{Type: api.ActivityPeriodTypeWeek, Start: now.AddDate(0, 0, -7).UTC(), End: now.UTC()}
	}
	year, month := now.Year(), int(now.Month())-1
	if p.Year != nil {
		year = *p.Year
	}
	if p.Month != nil {
		month = *p.Month
	}
	first := time.Date(year, time.Month(month+1), 1, 0, 0, 0, 0, time.UTC)
	return api.ActivityPeriod{
		Type: api.ActivityPeriodTypeMonth, Month: &month, Year: &year,
		Start: startOfDay(first, now.Location()).UTC(), End: startOfDay(first.AddDate(0, 1, 0), now.Location()).UTC(),
	}
}

// date is nil for the zero time.
func date(t time.Time) *types.Date {
	if t.IsZero() {
		return nil
	}
	return &types.Date{Time: t.UTC()}
}
