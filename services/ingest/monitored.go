package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tasktracker/tasktracker/pkg/bus"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// setMonitored is called by one goroutine, the watch.
func (r *receiver) setMonitored(m bus.Monitored) {
	ids := m.ChatIDs()
	r.monitored.Store(&ids)
	r.noteSync()
}

// hears reports whether messages of the chat are taken in: with no monitored chat, all
// are. What it turns away is lost for good, so the first message of a chat that is not
// known as monitored is decided by the bucket itself: the watch may lag behind a group
// that has just been added, or that has just migrated, maybe by way of another copy.
func (r *receiver) hears(ctx context.Context, chatID string) (bool, error) {
	if among(*r.monitored.Load(), chatID) {
		return true, nil
	}
	if r.unmonitored.knows(chatID) {
		return false, nil
	}
	now, err := r.readMonitored(ctx)
	if err != nil {
		return false, err
	}
	return among(now.ChatIDs(), chatID), nil
}

func among(monitored map[string][]string, chatID string) bool {
	_, ok := monitored[chatID]
	return ok || len(monitored) == 0
}

// ignores reports whether the topic of a monitored chat is not.
func (r *receiver) ignores(chatID, topic string) bool {
	return slices.Contains((*r.monitored.Load())[chatID], cmp.Or(topic, bus.GeneralTopic))
}

var errReadOnly = errors.New("only read")

func (r *receiver) readMonitored(ctx context.Context) (bus.Monitored, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	var m bus.Monitored
	err := r.bus.UpdateMonitored(ctx, func(now bus.Monitored) (bus.Monitored, error) {
		m = now
		return now, errReadOnly
	})
	if !errors.Is(err, errReadOnly) {
		return m, fmt.Errorf("look up a chat: %w", err)
	}
	return m, nil
}

// followMigration lets the monitored entry move with its chat at once, so that the
// next message under the new id is not ignored.
func (r *receiver) followMigration(ctx context.Context, m *eventsv1.ChatMigrated) error {
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	err := r.bus.UpdateMonitored(ctx, func(now bus.Monitored) (bus.Monitored, error) { return migrated(now, m), nil })
	if err != nil {
		return fmt.Errorf("move the monitored chat: %w", err)
	}
	r.unmonitored.forget(m.GetToChatId())
	return nil
}

// migrated gives the chat its new id where the old one is monitored; the old one
// stays an alias, for what was said before and arrives after.
func migrated(now bus.Monitored, m *eventsv1.ChatMigrated) bus.Monitored {
	from, errFrom := strconv.ParseInt(m.GetFromChatId(), 10, 64)
	to, errTo := strconv.ParseInt(m.GetToChatId(), 10, 64)
	if errFrom != nil || errTo != nil {
		return now
	}
	groups := make([]bus.MonitoredGroup, 0, len(now.Groups))
	for _, g := range now.Groups {
		if g.ID == from {
			g.ID, g.Aliases = to, append([]int64{from}, g.Aliases...)
		}
		groups = append(groups, g)
	}
	return bus.Monitored{Groups: groups}
}
