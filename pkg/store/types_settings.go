package store

import (
	"encoding/json"
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
}

// Setting is one value of the table settings.
type Setting struct {
	Value     json.RawMessage
	UpdatedAt time.Time
}

// DiscoveredChat is a chat that was seen and is not monitored.
type DiscoveredChat struct {
	Source string
	ChatID string
	Kind   string
	// Name is "" where unknown.
	Name string
	// Messages counts what was seen of it while it was not monitored.
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
