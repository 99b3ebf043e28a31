package bus

import (
	"context"
	"fmt"
	"time"
)

// keyTelegramBot is the key of bucket settings that holds a TelegramBot.
const keyTelegramBot = "telegram.bot"

// TelegramBot is what the services must know of the bot that operators connected.
// PostgreSQL (settings, key "telegram") is its source of truth. The zero value stands for
// nothing set there: then each service goes by its own environment.
type TelegramBot struct {
	// Token is sealed for the purpose PurposeBotToken; "" for none.
	Token string `json:"token,omitempty"`
	// Mode is "webhook" or "polling"; "" for what the environment says.
	Mode string `json:"mode,omitempty"`
	// Secrets are what a webhook request may carry. None, here and in the environment,
	// means that it is not checked.
	Secrets []WebhookSecret `json:"secrets,omitempty"`
}

// WebhookSecret is one secret token that Telegram may send.
type WebhookSecret struct {
	// Sealed is sealed for the purpose PurposeWebhookSecret.
	Sealed string `json:"sealed"`
	// NotAfter ends a secret that was replaced; zero for the present one.
	NotAfter time.Time `json:"not_after,omitzero"`
}

// What secrets in TelegramBot are sealed for (package secrets).
const (
	PurposeBotToken      = "telegram.bot_token"
	PurposeWebhookSecret = "telegram.webhook_secret"
)

// UpdateTelegramBot is UpdateMonitored for the bot.
func (b *Bus) UpdateTelegramBot(ctx context.Context, fn func(TelegramBot) (TelegramBot, error)) error {
	return updateSetting(ctx, b, keyTelegramBot, fn)
}

// WatchTelegramBot is WatchMonitored for the bot.
func (b *Bus) WatchTelegramBot(ctx context.Context, fn func(TelegramBot)) error {
	return watchSetting(ctx, b, keyTelegramBot, fn)
}

// HasTelegramBot reports whether anybody has written the record, be it the zero one: the
// first worker does at its start. A bucket without it may be one that was lost.
func (b *Bus) HasTelegramBot(ctx context.Context) (bool, error) {
	kv, err := b.js.KeyValue(ctx, BucketSettings)
	if err != nil {
		return false, fmt.Errorf("open bucket %s: %w", BucketSettings, classify(err))
	}
	_, entry, err := readSetting[TelegramBot](ctx, kv, keyTelegramBot)
	return entry != nil, err
}
