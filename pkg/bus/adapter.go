package bus

import "context"

// keyAdapter is the key of bucket settings that holds an Adapter.
const keyAdapter = "ai.adapter"

// Adapter says what of what the built-in classifier has learnt is in use. PostgreSQL (table
// adapters) is its source of truth.
type Adapter struct {
	// ID is 0 where the shipped weights judge alone.
	ID int64 `json:"id"`
}

// UpdateAdapter is UpdateMonitored for the adapter in use.
func (b *Bus) UpdateAdapter(ctx context.Context, fn func(Adapter) (Adapter, error)) error {
	return updateSetting(ctx, b, keyAdapter, fn)
}

// WatchAdapter is WatchMonitored for the adapter in use.
func (b *Bus) WatchAdapter(ctx context.Context, fn func(Adapter)) error {
	return watchSetting(ctx, b, keyAdapter, fn)
}
