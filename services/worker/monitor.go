package worker

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

const sourceTelegram = "telegram"

// monitor keeps the bucket's copy of the monitored chats, which ingest reads, at what
// the database says.
type monitor struct {
	store interface {
		WebhookSettings(ctx context.Context) (store.WebhookConfig, error)
	}
	bus interface {
		UpdateMonitored(ctx context.Context, fn func(bus.Monitored) (bus.Monitored, error)) error
	}
	log zerolog.Logger
}

// start writes the copy once.
func (m *monitor) start(ctx context.Context) {
	fill(ctx, m.log, "monitored chats are not yet in the bucket", func(ctx context.Context) error { return m.refresh(ctx, nil) })
}

// follow refreshes the copy where one of the facts, already stored, is a migration.
func (m *monitor) follow(ctx context.Context, facts []*eventsv1.Inbound) error {
	var moved []*eventsv1.ChatMigrated
	for _, fact := range facts {
		if migrated := fact.GetChatMigrated(); migrated.GetSourceName() == sourceTelegram {
			moved = append(moved, migrated)
		}
	}
	if len(moved) == 0 {
		return nil
	}
	return m.refresh(ctx, moved)
}

// refresh reads the database inside the update: whoever else changes the groups does
// the same, so that the last one to write has read the last change.
func (m *monitor) refresh(ctx context.Context, moved []*eventsv1.ChatMigrated) error {
	err := m.bus.UpdateMonitored(ctx, func(current bus.Monitored) (bus.Monitored, error) {
		settings, err := m.store.WebhookSettings(ctx)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return bus.Monitored{}, storeFault(err)
		}
		return merge(current, settings.Groups, moved), nil
	})
	if err != nil {
		return fmt.Errorf("refresh monitored chats: %w", err)
	}
	return nil
}

// merge is the set with the groups of the database. The ids from which chats moved stay
// as aliases, since what was said before the migration may be delivered after it.
func merge(current bus.Monitored, groups []store.Group, moved []*eventsv1.ChatMigrated) bus.Monitored {
	monitored := make([]bus.MonitoredGroup, 0, len(groups))
	for _, g := range groups {
		group := bus.MonitoredGroup{ID: g.ID, IgnoredTopics: g.IgnoredTopics}
		if g.Name != nil {
			group.Name = *g.Name
		}
		for _, m := range moved {
			from, err := strconv.ParseInt(m.GetFromChatId(), 10, 64)
			if err == nil && m.GetToChatId() == strconv.FormatInt(g.ID, 10) {
				group.Aliases = append(group.Aliases, from)
			}
		}
		monitored = append(monitored, group)
	}
	return current.Follow(monitored)
}
