package bus

import (
	"context"
	"errors"
	"fmt"
)

// keyTelegramPolling is the key of bucket settings that holds a TelegramPolling.
const keyTelegramPolling = "telegram.polling"

// TelegramPolling is what the copies of ingest remember together of polling. The zero
// value stands for nothing that was polled since updates came by webhook.
type TelegramPolling struct {
	// Bot is the id of the bot whose webhook made way when polling was chosen: one that is
	// found later was set by somebody else.
	Bot string `json:"bot,omitempty"`
	// Trouble says in a sentence why polling brings nothing now, and what to do; "" where
	// it works. It names no secret.
	Trouble string `json:"trouble,omitempty"`
}

// errUnchanged keeps a value from being written.
var errUnchanged = errors.New("unchanged")

// UpdateTelegramPolling is UpdateMonitored for polling; where fn changes nothing, nothing
// is written.
func (b *Bus) UpdateTelegramPolling(ctx context.Context, fn func(TelegramPolling) TelegramPolling) error {
	err := updateSetting(ctx, b, keyTelegramPolling, func(now TelegramPolling) (TelegramPolling, error) {
		next := fn(now)
		if next == now {
			return now, errUnchanged
		}
		return next, nil
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

// TelegramPolling reads what is known of polling now.
func (b *Bus) TelegramPolling(ctx context.Context) (TelegramPolling, error) {
	kv, err := b.js.KeyValue(ctx, BucketSettings)
	if err != nil {
		return TelegramPolling{}, fmt.Errorf("open bucket %s: %w", BucketSettings, classify(err))
	}
	value, _, err := readSetting[TelegramPolling](ctx, kv, keyTelegramPolling)
	return value, err
}
