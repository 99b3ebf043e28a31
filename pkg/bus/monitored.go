package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// keyMonitored is the key of bucket settings that holds a Monitored.
const keyMonitored = "telegram.monitored"

// Monitored is the set of Telegram chats whose messages are ingested. The empty set
// means all. PostgreSQL (webhook_settings) is its source of truth; the bucket has a
// copy for ingest, which knows no database.
type Monitored struct {
	Groups []MonitoredGroup `json:"groups"`
}

// MonitoredGroup is one chat and every other id by which it may still be told.
type MonitoredGroup struct {
	ID   int64  `json:"id"`
	Name string `json:"name,omitempty"` // "" where unknown
	// Aliases count as the chat too: the ids it had before it migrated (what was said
	// before arrives under them), and, while the id is a guess, what else it may be.
	Aliases []int64 `json:"aliases,omitempty"`
}

// ChatIDs is every id that is monitored, aliases included, as channels write them.
func (m Monitored) ChatIDs() map[string]struct{} {
	ids := make(map[string]struct{}, len(m.Groups))
	for _, g := range m.Groups {
		ids[strconv.FormatInt(g.ID, 10)] = struct{}{}
		for _, alias := range g.Aliases {
			ids[strconv.FormatInt(alias, 10)] = struct{}{}
		}
	}
	return ids
}

// Follow is the set with the groups that the database has now. Aliases that are known
// stay, and a group that has moved on here but not yet in the database counts under its
// new id already: between a migration and its row no message may be ignored.
func (m Monitored) Follow(groups []MonitoredGroup) Monitored {
	next := Monitored{Groups: make([]MonitoredGroup, 0, len(groups))}
	for _, g := range groups {
		aliases := slices.Clone(g.Aliases)
		for _, known := range m.Groups {
			if known.ID == g.ID || slices.Contains(known.Aliases, g.ID) || slices.Contains(g.Aliases, known.ID) {
				aliases = append(append(aliases, known.Aliases...), known.ID)
			}
		}
		slices.Sort(aliases)
		g.Aliases = slices.DeleteFunc(slices.Compact(aliases), func(id int64) bool { return id == g.ID })
		next.Groups = append(next.Groups, g)
	}
	return next
}

// PutMonitored replaces the set, whatever it was. Who computes it from something that
// others change too wants UpdateMonitored.
func (b *Bus) PutMonitored(ctx context.Context, m Monitored) error {
	return b.UpdateMonitored(ctx, func(Monitored) (Monitored, error) { return m, nil })
}

// UpdateMonitored replaces the set by what fn makes of it. Where another process came
// between, fn is called again with what that one wrote. So a fn that reads the database
// leaves the bucket with what the database says, however many do this at once. An error
// of fn is returned as it is; nothing is written where nothing changed.
func (b *Bus) UpdateMonitored(ctx context.Context, fn func(Monitored) (Monitored, error)) error {
	kv, err := b.js.KeyValue(ctx, BucketSettings)
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", BucketSettings, classify(err))
	}
	for {
		current, entry, err := readMonitored(ctx, kv)
		if err != nil {
			return err
		}
		next, err := fn(current)
		if err != nil {
			return err
		}
		data, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("marshal monitored chats: %w", err)
		}
		if entry == nil {
			_, err = kv.Create(ctx, keyMonitored, data)
		} else if string(entry.Value()) != string(data) {
			_, err = kv.Update(ctx, keyMonitored, data, entry.Revision())
		}
		if err == nil {
			return nil
		}
		if !errors.Is(err, jetstream.ErrKeyExists) {
			return fmt.Errorf("write %s: %w", keyMonitored, classify(err))
		}
	}
}

// readMonitored returns a nil entry where there is none. What does not parse reads as
// the empty set, to be written anew: the truth is in the database.
func readMonitored(ctx context.Context, kv jetstream.KeyValue) (Monitored, jetstream.KeyValueEntry, error) {
	entry, err := kv.Get(ctx, keyMonitored)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return Monitored{}, nil, nil
	}
	if err != nil {
		return Monitored{}, nil, fmt.Errorf("read %s: %w", keyMonitored, classify(err))
	}
	var m Monitored
	if err := json.Unmarshal(entry.Value(), &m); err != nil {
		m = Monitored{}
	}
	return m, entry, nil
}

// How often a watch is started again, and the set read anew beside it: a watch that
// died unnoticed costs at most rereadMonitored.
const (
	rewatchMonitored = time.Second
	rereadMonitored  = 30 * time.Second
)

// WatchMonitored calls fn with the present set (empty where there is none), then with
// every later one, from one goroutine, until ctx ends; it outlives lost connections
// and returns nil. A value that does not parse is logged and changes nothing.
func (b *Bus) WatchMonitored(ctx context.Context, fn func(Monitored)) error {
	seen := &monitoredWatch{bus: b, fn: fn}
	for {
		err := seen.watch(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			b.log.Warn().Err(err).Msg("lost the watch on monitored chats, watching again")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(rewatchMonitored):
		}
	}
}

// monitoredWatch remembers what fn was told.
type monitoredWatch struct {
	bus  *Bus
	fn   func(Monitored)
	told string
	any  bool
}

func (w *monitoredWatch) watch(ctx context.Context) error {
	kv, err := w.bus.js.KeyValue(ctx, BucketSettings)
	if err != nil {
		return fmt.Errorf("open bucket %s: %w", BucketSettings, classify(err))
	}
	watcher, err := kv.Watch(ctx, keyMonitored)
	if err != nil {
		return fmt.Errorf("watch %s: %w", keyMonitored, classify(err))
	}
	defer func() { _ = watcher.Stop() }() // an error means that it has stopped
	reread := time.NewTicker(rereadMonitored)
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
			entry, err := kv.Get(ctx, keyMonitored)
			if err != nil && !errors.Is(err, jetstream.ErrKeyNotFound) {
				return fmt.Errorf("read %s: %w", keyMonitored, classify(err))
			}
			w.tell(entry)
		}
	}
}

// tell calls fn where entry says something new. A nil entry stands for "that is all
// there is", a deletion for the empty set.
func (w *monitoredWatch) tell(entry jetstream.KeyValueEntry) {
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
	var m Monitored
	if err := json.Unmarshal([]byte(value), &m); err != nil {
		w.bus.log.Error().Err(err).Msg("monitored chats in the bucket are not readable, keeping those known")
		return
	}
	w.told, w.any = value, true
	w.fn(m)
}
