package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/proto/gen/api"
)

// maxGroups bounds the monitored chats, as proto/openapi.yaml does for the whole list.
const maxGroups = 1000

// updateGroups changes the database first, then tells every ingest at once. aliases
// are what else a group may be whose id is a guess.
func (h *Handlers) updateGroups(ctx context.Context, aliases map[int64][]int64, fn func([]store.Group) ([]store.Group, error)) (api.TelegramWebhookConfig, error) {
	settings, events, err := h.Store.UpdateGroups(ctx, fn)
	if err != nil {
		return api.TelegramWebhookConfig{}, err
	}
	told, cancel := context.WithTimeout(ctx, brokerTimeout)
	defer cancel()
	// Read inside the update, as everybody does who writes the copy: the last writer has read the last change.
	err = h.Bus.UpdateMonitored(told, func(now bus.Monitored) (bus.Monitored, error) {
		settings, err := h.Store.WebhookSettings(told)
		if err != nil && !errors.Is(err, store.ErrNotFound) { // nothing is set where nothing was ever added
			return bus.Monitored{}, err
		}
		return now.Follow(monitoredGroups(settings.Groups, aliases)), nil
	})
	if err != nil {
		return api.TelegramWebhookConfig{}, fmt.Errorf("tell ingest about the groups: %w", err)
	}
	h.Outbox.Publish(ctx, events)
	return webhookConfig(settings), nil
}

func monitoredGroups(groups []store.Group, aliases map[int64][]int64) []bus.MonitoredGroup {
	monitored := make([]bus.MonitoredGroup, 0, len(groups))
	for _, g := range groups {
		monitored = append(monitored, bus.MonitoredGroup{ID: g.ID, Name: value(g.Name), Aliases: slices.Clone(aliases[g.ID])})
	}
	return monitored
}

func hasGroup(groups []store.Group, id int64) bool {
	return slices.ContainsFunc(groups, func(g store.Group) bool { return g.ID == id })
}

// candidates are the ids that a pasted text may mean, likeliest first. A name has none:
// who has it is not known here.
func candidates(text string) ([]int64, error) {
	refs, err := telegram.ParseChatRef(text)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	var ids []int64
	for _, ref := range refs {
		if ref.ID != 0 {
			ids = append(ids, ref.ID)
		}
	}
	if ids == nil {
		return nil, badRequest("A name cannot be looked up here: give the group's number (such as -1002988379206), or write something in the group and pick it from the discovered chats")
	}
	return ids, nil
}

// seenNames are the chats that were seen and are not monitored.
func (h *Handlers) seenNames(ctx context.Context) (map[int64]*string, error) {
	chats, err := h.Store.DiscoveredChats(ctx)
	if err != nil {
		return nil, err
	}
	names := make(map[int64]*string, len(chats))
	for _, chat := range chats {
		if id, err := strconv.ParseInt(chat.ChatID, 10, 64); err == nil && chat.Source == telegram.Name {
			names[id] = optional(chat.Name)
		}
	}
	return names, nil
}
