package handlers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/connect"
)

// told makes an answer of what is wrong with what an operator asked for.
func told(err error) error {
	if _, ok := errors.AsType[*connect.AddressError](err); ok {
		return badRequest(err.Error())
	}
	if _, ok := errors.AsType[*connect.TokenError](err); ok {
		return badRequest(err.Error())
	}
	for _, wrong := range []error{connect.ErrNotRegistered, connect.ErrFixedSecret, connect.ErrNoAddress, connect.ErrNoWebhook} {
		if errors.Is(err, wrong) {
			return badRequest(sentence(wrong.Error()))
		}
	}
	if errors.Is(err, bus.ErrHeld) {
		return &fault{http.StatusServiceUnavailable, "Another change of the bot's connection is under way; try again shortly"}
	}
	if r, ok := errors.AsType[*explain.Refusal](err); ok {
		return &fault{http.StatusBadGateway, r.Words + ". " + r.Fix}
	}
	return err
}

// sentence begins with a capital.
func sentence(text string) string { return string(bytes.ToUpper([]byte(text[:1]))) + text[1:] }

// GetSettings reads the settings without their secrets.
func (h *Handlers) GetSettings(ctx context.Context, _ apiserver.GetSettingsRequestObject) (apiserver.GetSettingsResponseObject, error) {
	view, err := h.Connection.View(ctx)
	if err != nil {
		return nil, err
	}
	return apiserver.GetSettings200JSONResponse(settingsOf(view)), nil
}

func settingsOf(v connect.View) api.Settings {
	mode := api.TelegramMode(v.Mode)
	return api.Settings{
		Telegram:  api.TelegramSettings{BotToken: v.BotToken, WebhookBaseURL: v.WebhookBaseURL, Mode: &mode, Bot: botOf(v.Bot)},
		UpdatedAt: v.UpdatedAt,
	}
}

func botOf(b *store.BotAccount) *api.TelegramBot {
	if b == nil {
		return nil
	}
	return &api.TelegramBot{ID: b.ID, Username: b.Username, Name: b.Name, CanReadAllGroupMessages: b.CanReadAllGroupMessages}
}

// SaveSettings stores the bot's token and the public address.
func (h *Handlers) SaveSettings(ctx context.Context, r apiserver.SaveSettingsRequestObject) (apiserver.SaveSettingsResponseObject, error) {
	view, change, err := h.Connection.SaveSettings(ctx, r.Body.Telegram.BotToken, r.Body.Telegram.WebhookBaseURL)
	if err != nil {
		return nil, told(err)
	}
	body := settingsOf(view)
	if change != nil {
		body.Webhook = &api.WebhookOutcome{Success: change.Refusal == nil}
		if change.Refusal != nil {
			body.Webhook.Error, body.Webhook.Fix = &change.Refusal.Words, &change.Refusal.Fix
			body.Webhook.CauseCode, body.Webhook.CauseDetail = optional(change.Refusal.Code), optional(change.Refusal.Detail)
		}
	}
	return apiserver.SaveSettings200JSONResponse(body), nil
}

// SaveWebhookSettings saves where Telegram shall deliver, without registering it.
func (h *Handlers) SaveWebhookSettings(ctx context.Context, r apiserver.SaveWebhookSettingsRequestObject) (apiserver.SaveWebhookSettingsResponseObject, error) {
	to, err := h.Connection.Address(string(r.Body.Protocol), r.Body.Host)
	if err != nil {
		return nil, told(err)
	}
	saved, err := h.Connection.Save(ctx, to)
	if err != nil {
		return nil, err
	}
	return apiserver.SaveWebhookSettings200JSONResponse(webhookConfig(saved)), nil
}

// SetTelegramWebhook registers the webhook with Telegram.
func (h *Handlers) SetTelegramWebhook(ctx context.Context, r apiserver.SetTelegramWebhookRequestObject) (apiserver.SetTelegramWebhookResponseObject, error) {
	to, err := h.Connection.Address(string(r.Body.Protocol), r.Body.Host)
	if err != nil {
		return nil, told(err)
	}
	change, err := h.Connection.Register(ctx, to)
	if err != nil {
		return nil, err
	}
	return apiserver.SetTelegramWebhook200JSONResponse(changeOf(change, "Webhook set successfully", "Failed to set webhook")), nil
}

func changeOf(c connect.Change, done, failed string) api.WebhookChange {
	body := api.WebhookChange{Success: c.Refusal == nil, WebhookURL: c.URL, Message: done}
	if c.Refusal != nil {
		body.Message, body.Error, body.Fix = failed, &c.Refusal.Words, &c.Refusal.Fix
		body.CauseCode, body.CauseDetail = optional(c.Refusal.Code), optional(c.Refusal.Detail)
	} else if c.TakenFrom != "" {
		body.Message += fmt.Sprintf("; it led to %s before, which gets no updates of this bot any more", c.TakenFrom)
	}
	return body
}

// RotateTelegramWebhookSecret gives Telegram a new secret.
func (h *Handlers) RotateTelegramWebhookSecret(ctx context.Context, _ apiserver.RotateTelegramWebhookSecretRequestObject) (apiserver.RotateTelegramWebhookSecretResponseObject, error) {
	change, err := h.Connection.Rotate(ctx)
	if err != nil {
		return nil, told(err)
	}
	return apiserver.RotateTelegramWebhookSecret200JSONResponse(changeOf(change, "Webhook secret replaced successfully", "Failed to replace the webhook secret")), nil
}

// DeleteTelegramWebhook removes the webhook at Telegram.
func (h *Handlers) DeleteTelegramWebhook(ctx context.Context, r apiserver.DeleteTelegramWebhookRequestObject) (apiserver.DeleteTelegramWebhookResponseObject, error) {
	change, err := h.Connection.Delete(ctx, value(r.Params.DropPendingUpdates))
	if err != nil {
		return nil, err
	}
	return apiserver.DeleteTelegramWebhook200JSONResponse(changeOf(change, "Webhook deleted successfully", "Failed to delete webhook")), nil
}

// SetTelegramMode switches between webhook and polling.
func (h *Handlers) SetTelegramMode(ctx context.Context, r apiserver.SetTelegramModeRequestObject) (apiserver.SetTelegramModeResponseObject, error) {
	now, refusal, err := h.Connection.SetMode(ctx, string(r.Body.Mode))
	if err != nil {
		return nil, told(err)
	}
	body := apiserver.SetTelegramMode200JSONResponse{Success: refusal == nil, Mode: api.TelegramMode(now), Message: "Updates come by webhook"}
	if now == connect.ModePolling {
		body.Message = "Updates are polled"
	}
	if refusal != nil {
		body.Message, body.Error, body.Fix = "Failed to switch", &refusal.Words, &refusal.Fix
		body.CauseCode, body.CauseDetail = optional(refusal.Code), optional(refusal.Detail)
	}
	return body, nil
}

// GetTelegramWebhookInfo passes on what Telegram says of the webhook.
func (h *Handlers) GetTelegramWebhookInfo(ctx context.Context, _ apiserver.GetTelegramWebhookInfoRequestObject) (apiserver.GetTelegramWebhookInfoResponseObject, error) {
	raw, refusal, err := h.Connection.Info(ctx)
	if err != nil {
		return nil, err
	}
	if refusal != nil {
		return apiserver.GetTelegramWebhookInfo200JSONResponse{
			Error: &refusal.Words, Fix: &refusal.Fix, CauseCode: optional(refusal.Code), CauseDetail: optional(refusal.Detail),
		}, nil
	}
	info := map[string]any{}
	numbers := json.NewDecoder(bytes.NewReader(raw))
	numbers.UseNumber() // as Telegram wrote them
	if err := numbers.Decode(&info); err != nil {
		said := "Telegram's answer cannot be read"
		return apiserver.GetTelegramWebhookInfo200JSONResponse{Error: &said}, nil
	}
	return apiserver.GetTelegramWebhookInfo200JSONResponse{Success: true, WebhookInfo: &info}, nil
}
