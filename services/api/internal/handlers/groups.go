package handlers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/services/api/internal/connect"
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
		monitored = append(monitored, bus.MonitoredGroup{ID: g.ID, Name: value(g.Name), Aliases: slices.Clone(aliases[g.ID]), IgnoredTopics: g.IgnoredTopics})
	}
	return monitored
}

func hasGroup(groups []store.Group, id int64) bool {
	return slices.ContainsFunc(groups, func(g store.Group) bool { return g.ID == id })
}

// numbers are the ids among the candidates of a pasted text, likeliest first.
func numbers(refs []telegram.Candidate) []int64 {
	var ids []int64
	for _, ref := range refs {
		if ref.ID != 0 {
			ids = append(ids, ref.ID)
		}
	}
	return ids
}

// unresolvedName refuses a name: without Telegram's answer nobody knows whose it is.
func unresolvedName(refusal *explain.Refusal) error {
	const instead = "give the group's number (such as -1002988379206), or write something in the group and pick it from the discovered chats"
	if refusal.Kind == explain.Unreachable {
		return badRequest(fmt.Sprintf("A name cannot be looked up now (%s): %s", refusal.Words, instead))
	}
	return badRequest(fmt.Sprintf("Telegram knows no group or channel of this name that it tells the bot about (%s): check the name, %s", refusal.Words, instead))
}

// putChat monitors a chat that Telegram has told, in the place of what it was before and
// of what was added for it as a guess.
func putChat(groups []store.Group, chat connect.Chat, guesses []int64) ([]store.Group, error) {
	next := make([]store.Group, 0, len(groups)+1)
	there := false
	for _, g := range groups {
		guessed := g.Name == nil && slices.Contains(guesses, g.ID)
		if g.ID != chat.ID && g.ID != chat.Was && !guessed {
			next = append(next, g)
			continue
		}
		if !there {
			there = true
			next = append(next, store.Group{ID: chat.ID, Name: cmp.Or(chat.Name, g.Name), IgnoredTopics: g.IgnoredTopics})
		}
	}
	switch {
	case there:
		return next, nil
	case len(groups) >= maxGroups:
		return nil, tooManyGroups()
	}
	return append(next, store.Group{ID: chat.ID, Name: chat.Name}), nil
}

func tooManyGroups() error {
	return badRequest(fmt.Sprintf("%d chats are monitored, which is the most: remove one first, or remove all to take in every chat", maxGroups))
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
