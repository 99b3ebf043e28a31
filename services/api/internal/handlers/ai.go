package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/ai"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// GetAISettings reads who judges messages.
func (h *Handlers) GetAISettings(ctx context.Context, _ apiserver.GetAISettingsRequestObject) (apiserver.GetAISettingsResponseObject, error) {
	s, err := h.AI.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return apiserver.GetAISettings200JSONResponse(aiSettings(s)), nil
}

func aiSettings(s ai.Settings) api.AISettings {
	body := api.AISettings{
		Provider: api.AIProviderID(s.Provider), BaseURL: s.BaseURL, Model: s.Model, HasAPIKey: s.HasKey(), APIKeyHint: optional(s.Hint()),
		LocalFallback: s.LocalFallback, Autonomy: api.Autonomy(s.Autonomy), TaskThreshold: s.TaskThreshold, ProposalThreshold: s.ProposalThreshold, DuplicateSureThreshold: s.DuplicateSure,
		DuplicateLikelyThreshold: s.DuplicateLikely, QuietSeconds: s.Quiet.Seconds(),
		MaskNames: s.MaskNames, MaskPhones: s.MaskPhones, MaskEmails: s.MaskEmails, TokenBudgetPerDay: s.DailyTokens,
		Source: api.AISettingsSourceEnvironment, UpdatedAt: instant(s.Stored.UpdatedAt),
	}
	if body.UpdatedAt != nil {
		body.Source = api.AISettingsSourceStored
	}
	return body
}

// SaveAISettings changes who judges messages.
func (h *Handlers) SaveAISettings(ctx context.Context, r apiserver.SaveAISettingsRequestObject) (apiserver.SaveAISettingsResponseObject, error) {
	key, err := keyOf(r.Body.APIKey)
	if err != nil {
		return nil, err
	}
	s, err := h.AI.Update(ctx, ai.Change{Key: key, AISettings: bus.AISettings{
		Provider: (*string)(r.Body.Provider), BaseURL: trimmed(r.Body.BaseURL), Model: trimmed(r.Body.Model), LocalFallback: r.Body.LocalFallback,
		Autonomy:      (*string)(r.Body.Autonomy),
		TaskThreshold: r.Body.TaskThreshold, ProposalThreshold: r.Body.ProposalThreshold,
		DuplicateSureThreshold: r.Body.DuplicateSureThreshold, DuplicateLikelyThreshold: r.Body.DuplicateLikelyThreshold, QuietSeconds: r.Body.QuietSeconds,
		MaskNames: r.Body.MaskNames, MaskPhones: r.Body.MaskPhones, MaskEmails: r.Body.MaskEmails, TokenBudgetPerDay: r.Body.TokenBudgetPerDay,
	}})
	if err != nil {
		return nil, err
	}
	return apiserver.SaveAISettings200JSONResponse(aiSettings(s)), nil
}

// keyOf tells a key that is absent (nil) from one that is to be deleted ("").
func keyOf(raw json.RawMessage) (*string, error) {
	if raw == nil {
		return nil, nil
	}
	var key *string
	if err := json.Unmarshal(raw, &key); err != nil {
		return nil, contract.Fault("type", "must be text or null", "body", "api_key")
	}
	if key == nil {
		return new(string), nil
	}
	return key, nil
}

func trimmed(text *string) *string {
	if text == nil {
		return nil
	}
	short := strings.TrimSpace(*text)
	return &short
}

// ResetAISettings goes back to the environment's.
func (h *Handlers) ResetAISettings(ctx context.Context, _ apiserver.ResetAISettingsRequestObject) (apiserver.ResetAISettingsResponseObject, error) {
	s, err := h.AI.Reset(ctx)
	if err != nil {
		return nil, err
	}
	return apiserver.ResetAISettings200JSONResponse(aiSettings(s)), nil
}

// ListAIProviders tells how those who can judge are doing.
func (h *Handlers) ListAIProviders(ctx context.Context, _ apiserver.ListAIProvidersRequestObject) (apiserver.ListAIProvidersResponseObject, error) {
	found, err := h.AI.Providers(ctx)
	if err != nil {
		return nil, err
	}
	body := make(apiserver.ListAIProviders200JSONResponse, 0, len(found))
	for _, p := range found {
		body = append(body, api.AIProvider{
			ID: api.AIProviderID(p.ID), Name: p.Name, Configured: p.Configured, Active: p.Active, State: api.AIProviderState(p.State), Detail: optional(p.Detail), DetailClauses: wire.Clauses(p.Detail),
			Model: optional(p.Model), Version: optional(p.Version), TokensToday: p.TokensToday, Budget: optional(p.Budget),
		})
	}
	return body, nil
}

// TestAIProvider has a sample judged.
func (h *Handlers) TestAIProvider(ctx context.Context, r apiserver.TestAIProviderRequestObject) (apiserver.TestAIProviderResponseObject, error) {
	if !r.ID.Valid() {
		return nil, contract.Fault("enum", "must be local or openai", "path", "id")
	}
	var trial ai.Trial
	if r.Body != nil {
		key, err := keyOf(r.Body.APIKey)
		if err != nil {
			return nil, err
		}
		trial = ai.Trial{Text: r.Body.Text, BaseURL: r.Body.BaseURL, Model: r.Body.Model, Key: key}
	}
	report, err := h.AI.Test(ctx, string(r.ID), trial)
	if err != nil {
		return nil, err
	}
	body := apiserver.TestAIProvider200JSONResponse{
		Ok: report.Valid, Milliseconds: float64(report.Latency.Microseconds()) / 1000, Model: report.Model, PromptTokens: report.PromptTokens,
		CompletionTokens: report.CompletionTokens, Cost: report.Cost, Detail: optional(report.Detail), DetailClauses: wire.Clauses(report.Detail),
	}
	if report.Valid {
		body.Result = verdictOf(report.Result)
	}
	return body, nil
}

func verdictOf(r classify.Result) *api.AIVerdict {
	return &api.AIVerdict{
		IsIssue: r.IsIssue, Category: optional(string(r.Category)), Priority: optional(string(r.Priority)),
		Confidence: r.Confidence, Quote: r.Quote, Reason: r.Reason, ReasonClauses: wire.Clauses(r.Reason),
	}
}

// ListAIModels lists the models that a server has.
func (h *Handlers) ListAIModels(ctx context.Context, r apiserver.ListAIModelsRequestObject) (apiserver.ListAIModelsResponseObject, error) {
	names, err := h.AI.Models(ctx, r.Params.BaseURL)
	if failed, ok := errors.AsType[*ai.ServerError](err); ok {
		return nil, &fault{http.StatusBadGateway, failed.Detail}
	}
	if err != nil {
		return nil, err
	}
	return apiserver.ListAIModels200JSONResponse{Models: names}, nil
}
