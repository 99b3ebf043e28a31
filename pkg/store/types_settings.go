package store

import (
	"time"
)

// WebhookConfig is the value of key "telegram" of webhook_settings.config.
type WebhookConfig struct {
	Protocol   string
	Host       string
	WebhookURL string
	IsActive   bool
	// LastSetAt is nil where the webhook was never registered.
	LastSetAt *time.Time
	Groups    []Group
}

// Group is one monitored chat.
type Group struct {
	ID int64 `json:"id"`
	// Name is nil where the channel never told it.
	Name *string `json:"name"`
	// IgnoredTopics are the topics of a forum that are not monitored, by their numbers.
	IgnoredTopics []string `json:"ignored_topics,omitempty"`
}

// BotSettings is the value of key "telegram" of the table settings: the bot that operators
// connected. The zero value stands for nothing set.
type BotSettings struct {
	// Token is sealed; "" where the environment's counts.
	Token string `json:"bot_token,omitempty"`
	// WebhookBaseURL is scheme and host; "" where the environment's counts.
	WebhookBaseURL string `json:"webhook_base_url,omitempty"`
	// Mode is "webhook" or "polling"; "" where the environment's counts.
	Mode string `json:"mode,omitempty"`
	// Secrets are what requests of the webhook may carry, the newest last.
	Secrets []BotSecret `json:"secrets,omitempty"`
	// RegisteredURL is the webhook that this installation registered last; "" for none.
	RegisteredURL string `json:"registered_url,omitempty"`
	// Bot is what getMe said last; nil where nobody asked.
	Bot *BotAccount `json:"bot,omitempty"`
}

// BotSecret is one secret token of the webhook.
type BotSecret struct {
	Sealed string `json:"sealed"`
	// NotAfter ends one that was replaced; zero for the present one.
	NotAfter time.Time `json:"not_after,omitzero"`
}

// BotAccount is who the bot is at Telegram.
type BotAccount struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Name     string `json:"name"`
	// CanReadAllGroupMessages is false where privacy mode is on.
	CanReadAllGroupMessages bool `json:"can_read_all_group_messages"`
}

// TelegramSettings is everything that is set for Telegram, read or changed as one.
type TelegramSettings struct {
	Webhook WebhookConfig
	Bot     BotSettings
	// BotUpdatedAt is when Bot was stored; zero where it never was.
	BotUpdatedAt time.Time
}

// ChatState is what is stored of a chat that is, or may be, monitored.
type ChatState struct {
	// MigratedTo is the id of the chat that this one became; 0 for none.
	MigratedTo int64
	// BotStatus is Telegram's word for what the bot is there; "" if unknown.
	BotStatus string
	// BotStatusAt is zero where BotStatus is unknown.
	BotStatusAt time.Time
	// LastMessageAt is when its newest message was sent; zero for none.
	LastMessageAt time.Time
}

// DiscoveredChat is a chat that was seen and is not monitored.
type DiscoveredChat struct {
	Source string
	ChatID string
	Kind   string
	// Name is "" where unknown.
	Name string
	// Messages counts what was seen of it, taken in or not.
	Messages   int64
	LastSeenAt time.Time
	// BotStatus is the channel's own word for what the bot is there; "" if unknown.
	BotStatus string
}

// Avatar is a cached picture of an author.
type Avatar struct {
	ContentType string
	Image       []byte
	// Version grows with every new picture; it is the v of the picture's URL.
	Version int64
}

// AvatarState is what is known of an author's picture.
type AvatarState struct {
	// Name is the author's newest display name.
	Name string
	// FileID is the channel's lasting id of the cached picture; "" for none.
	FileID string
	// Version is 0 where no picture is cached.
	Version int64
	// CheckedAt is zero where nobody ever looked.
	CheckedAt   time.Time
	NextCheckAt time.Time
}
