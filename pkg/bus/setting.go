package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A value of bucket settings is JSON, a copy of what PostgreSQL has, for services that
// must know it at once or know no database.

// updateSetting replaces the value of a key by what fn makes of it, as UpdateMonitored says.
func updateSetting[T any](ctx context.Context, b *Bus, key string, fn func(T) (T, error)) error {
	kv, err := b.js.KeyValue(ctx, BucketSettings)
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", BucketSettings, classify(err))
	}
	for {
		current, entry, err := readSetting[T](ctx, kv, key)
		if err != nil {
			return err
		}
		next, err := fn(current)
		if err != nil {
			return err
		}
		data, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("marshal %s: %w", key, err)
		}
		if entry == nil {
			_, err = kv.Create(ctx, key, data)
		} else if string(entry.Value()) != string(data) {
			_, err = kv.Update(ctx, key, data, entry.Revision())
		}
		if err == nil {
			return nil
		}
		if !errors.Is(err, jetstream.ErrKeyExists) {
			return fmt.Errorf("write %s: %w", key, classify(err))
		}
	}
}

// readSetting returns a nil entry where there is none. What does not parse reads as the
// zero value, to be written anew: the truth is in the database.
func readSetting[T any](ctx context.Context, kv jetstream.KeyValue, key string) (value T, entry jetstream.KeyValueEntry, err error) {
	entry, err = kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return value, nil, nil
	}
	if err != nil {
		return value, nil, fmt.Errorf("read %s: %w", key, classify(err))
	}
	if err := json.Unmarshal(entry.Value(), &value); err != nil {
		var zero T
		return zero, entry, nil
	}
	return value, entry, nil
}

// How often a watch is started again, and the value read anew beside it: a watch that
// died unnoticed costs at most rereadSetting.
const (
	rewatchSetting = time.Second
	rereadSetting  = 30 * time.Second
)

// watchSetting calls fn with the present value of a key and every later one, as
// WatchMonitored says.
func watchSetting[T any](ctx context.Context, b *Bus, key string, fn func(T)) error {
	seen := &settingWatch[T]{bus: b, key: key, fn: fn}
	for {
		err := seen.watch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			b.log.Warn().Err(err).Str("setting", key).Msg("lost the watch on a setting, watching again")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(rewatchSetting):
		}
	}
}

// settingWatch remembers what fn was told.
type settingWatch[T any] struct {
	bus  *Bus
	key  string
	fn   func(T)
	told string
	any  bool
}

func (w *settingWatch[T]) watch(ctx context.Context) error {
	kv, err := w.bus.js.KeyValue(ctx, BucketSettings)
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", BucketSettings, classify(err))
	}
	watcher, err := kv.Watch(ctx, w.key)
	if err != nil {
		return fmt.Errorf("watch %s: %w", w.key, classify(err))
	}
	defer func() { _ = watcher.Stop() }() // an error means that it has stopped
	reread := time.NewTicker(rereadSetting)
	defer reread.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case entry, open := <-watcher.Updates():
			if !open {
				return errors.New("the broker ended the watch")
			}
			w.tell(entry)
		case <-reread.C:
			entry, err := kv.Get(ctx, w.key)
			if err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
				return fmt.Errorf("read %s: %w", w.key, classify(err))
			}
			w.tell(entry)
		}
	}
}

// tell calls fn where entry says something new. A nil entry stands for "that is all
// there is", a deletion for the zero value.
func (w *settingWatch[T]) tell(entry jetstream.KeyValueEntry) {
	value := "{}"
	switch {
	case entry == nil && w.any:
		return
	case entry != nil && entry.Operation() == jetstream.KeyValuePut:
		value = string(entry.Value())
	}
	if w.any && value == w.told {
		return
	}
	var parsed T
	if err := json.Unmarshal([]byte(value), &parsed); err != nil {
		w.bus.log.Error().Err(err).Str("setting", w.key).Msg("a setting in the bucket is not readable, keeping the one known")
		return
	}
	w.told, w.any = value, true
	w.fn(parsed)
}
