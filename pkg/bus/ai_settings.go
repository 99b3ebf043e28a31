package bus

import (
	"context"
	"time"
)

// keyAISettings is the key of bucket settings that holds an AISettings.
const keyAISettings = "ai.settings"

// PurposeAIKey is what AISettings.APIKey is sealed for (package secrets).
const PurposeAIKey = "ai.api_key"

// AISettings is what operators set of who judges messages, and how. PostgreSQL (table
// ai_settings) is its source of truth. What is nil is the environment's; the zero value
// stands for nothing set.
type AISettings struct {
	Provider *string `json:"provider,omitempty"`
	BaseURL  *string `json:"base_url,omitempty"`
	Model    *string `json:"model,omitempty"`
	// APIKey is sealed; "" where the server wants none.
	APIKey                   *string  `json:"api_key,omitempty"`
	LocalFallback            *bool    `json:"local_fallback,omitempty"`
	Autonomy                 *string  `json:"autonomy,omitempty"`
	TaskThreshold            *float64 `json:"task_threshold,omitempty"`
	ProposalThreshold        *float64 `json:"proposal_threshold,omitempty"`
	DuplicateSureThreshold   *float64 `json:"duplicate_sure_threshold,omitempty"`
	DuplicateLikelyThreshold *float64 `json:"duplicate_likely_threshold,omitempty"`
	QuietSeconds             *float64 `json:"quiet_seconds,omitempty"`
	MaskNames                *bool    `json:"mask_names,omitempty"`
	MaskPhones               *bool    `json:"mask_phones,omitempty"`
	MaskEmails               *bool    `json:"mask_emails,omitempty"`
	TokenBudgetPerDay        *int64   `json:"token_budget_per_day,omitempty"`
	// UpdatedAt is zero where nothing is set.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// UpdateAISettings is UpdateMonitored for the settings of the provider.
func (b *Bus) UpdateAISettings(ctx context.Context, fn func(AISettings) (AISettings, error)) error {
	return updateSetting(ctx, b, keyAISettings, fn)
}

// WatchAISettings is WatchMonitored for the settings of the provider.
func (b *Bus) WatchAISettings(ctx context.Context, fn func(AISettings)) error {
	return watchSetting(ctx, b, keyAISettings, fn)
}
