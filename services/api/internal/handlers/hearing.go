package handlers

import (
	"context"
	"time"

	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/connect"
)

// GetTelegramHearing says whether the bot really hears.
func (h *Handlers) GetTelegramHearing(ctx context.Context, _ apiserver.GetTelegramHearingRequestObject) (apiserver.GetTelegramHearingResponseObject, error) {
	found, err := h.Connection.Hearing(ctx)
	if err != nil {
		return nil, err
	}
	body := apiserver.GetTelegramHearing200JSONResponse{
		CheckedAt: found.CheckedAt, Mode: api.TelegramMode(found.Mode), Webhook: wayOf(found.Webhook),
		Bot: api.BotHearing{
			State: api.BotHearingState(found.Bot.State), Cause: optional(found.Bot.Cause), Fix: optional(found.Bot.Fix),
			CauseCode: optional(found.Bot.Code), CauseDetail: optional(found.Bot.Detail), Bot: botOf(found.Bot.Bot),
		},
		Groups: make([]api.GroupHearing, 0, len(found.Groups)),
	}
	for _, g := range found.Groups {
		body.Groups = append(body.Groups, api.GroupHearing{
			ID: g.Group.ID, Name: g.Group.Name, State: api.GroupHearingState(g.State), Cause: optional(g.Cause), Fix: optional(g.Fix), CauseCode: optional(g.Code), CauseDetail: optional(g.Detail),
			Since: instant(g.Since), LastMessageAt: instant(g.LastMessageAt), BotStatus: optional(g.BotStatus),
		})
	}
	return body, nil
}

func wayOf(w connect.WebhookHearing) api.WebhookHearing {
	way := api.WebhookHearing{
		State: api.WebhookHearingState(w.State), Cause: optional(w.Cause), Fix: optional(w.Fix), CauseCode: optional(w.Code), CauseDetail: optional(w.Detail), StoredURL: w.StoredURL,
		LastErrorAt: instant(w.LastErrorAt()), LastErrorIsPast: w.ErrorIsPast, LastUpdateAt: instant(w.LastUpdateAt),
	}
	if w.Info != nil {
		way.RegisteredURL, way.PendingUpdateCount = &w.Info.URL, &w.Info.PendingUpdateCount
		way.LastErrorMessage = optional(w.Info.LastErrorMessage)
	}
	return way
}

// instant is nil for the zero time, which stands for unknown.
func instant(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	at = at.UTC()
	return &at
}

// TestTelegramWebhook sends a test update through the public address.
func (h *Handlers) TestTelegramWebhook(ctx context.Context, _ apiserver.TestTelegramWebhookRequestObject) (apiserver.TestTelegramWebhookResponseObject, error) {
	report, err := h.Connection.Test(ctx)
	if err != nil {
		return nil, told(err)
	}
	body := apiserver.TestTelegramWebhook200JSONResponse{
		Success: report.Success, WebhookURL: report.URL, Message: report.Message, Fix: optional(report.Fix), CauseCode: optional(report.Code), CauseDetail: optional(report.Detail),
		Hops: make([]api.WebhookTestHop, 0, len(report.Hops)),
	}
	for _, hop := range report.Hops {
		told := api.WebhookTestHop{Name: api.WebhookTestHopName(hop.Name), Reached: hop.After != nil, Detail: optional(hop.Detail)}
		if hop.After != nil {
			ms := float32(hop.After.Microseconds()) / 1000
			told.Milliseconds = &ms
		}
		body.Hops = append(body.Hops, told)
	}
	return body, nil
}
