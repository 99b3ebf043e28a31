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
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// GetWebhookSettings reads what is set for Telegram.
func (h *Handlers) GetWebhookSettings(ctx context.Context, _ apiserver.GetWebhookSettingsRequestObject) (apiserver.GetWebhookSettingsResponseObject, error) {
	protocol, host := splitBase(h.Front.BaseURL(contract.Request(ctx)))
	body := apiserver.GetWebhookSettings200JSONResponse{DefaultProtocol: api.WebhookProtocol(protocol), DefaultHost: host}
	settings, err := h.Store.WebhookSettings(ctx)
	if errors.Is(err, store.ErrNotFound) {
		return body, nil
	}
	if err != nil {
		return nil, err
	}
	config := webhookConfig(settings)
	body.Telegram = &config
	return body, nil
}

func webhookConfig(s store.WebhookConfig) api.TelegramWebhookConfig {
	config := api.TelegramWebhookConfig{
		Protocol: api.WebhookProtocol(s.Protocol), Host: s.Host, WebhookURL: s.WebhookURL, IsActive: s.IsActive,
		LastSetAt: s.LastSetAt, Groups: make([]api.TelegramGroup, 0, len(s.Groups)),
	}
	if config.Protocol == "" {
		config.Protocol = api.WebhookProtocolHTTPS
	}
	for _, g := range s.Groups {
		config.Groups = append(config.Groups, api.TelegramGroup{ID: g.ID, Name: g.Name})
	}
	return config
}

// updateGroups changes the database first, then tells every ingest at once.
func (h *Handlers) updateGroups(ctx context.Context, fn func([]store.Group) []store.Group) (api.TelegramWebhookConfig, error) {
	settings, events, err := h.Store.UpdateGroups(ctx, func(groups []store.Group) ([]store.Group, error) { return fn(groups), nil })
	if err != nil {
		return api.TelegramWebhookConfig{}, err
	}
	// Read inside the update, as everybody does who writes the copy: the last writer has read the last change.
	err = h.Bus.UpdateMonitored(ctx, func(now bus.Monitored) (bus.Monitored, error) {
		settings, err := h.Store.WebhookSettings(ctx)
		return now.Follow(monitoredGroups(settings.Groups)), err
	})
	if err != nil {
		return api.TelegramWebhookConfig{}, fmt.Errorf("tell ingest about the groups: %w", err)
	}
	h.Outbox.Publish(ctx, events)
	return webhookConfig(settings), nil
}

func monitoredGroups(groups []store.Group) []bus.MonitoredGroup {
	monitored := make([]bus.MonitoredGroup, 0, len(groups))
	for _, g := range groups {
		monitored = append(monitored, bus.MonitoredGroup{ID: g.ID, Name: value(g.Name)})
	}
	return monitored
}

// ReplaceTelegramGroupIds replaces the list and keeps known names.
func (h *Handlers) ReplaceTelegramGroupIds(ctx context.Context, r apiserver.ReplaceTelegramGroupIdsRequestObject) (apiserver.ReplaceTelegramGroupIdsResponseObject, error) {
	if i := slices.Index(r.Body.GroupIds, 0); i >= 0 {
		return nil, contract.Fault("range", "must not be 0: no chat has that id", "body", "group_ids", i)
	}
	names, err := h.seenNames(ctx)
	if err != nil {
		return nil, err
	}
	config, err := h.updateGroups(ctx, func(old []store.Group) []store.Group {
		for _, g := range old {
			names[g.ID] = g.Name
		}
		next := make([]store.Group, 0, len(r.Body.GroupIds))
		for _, id := range r.Body.GroupIds {
			if !slices.ContainsFunc(next, func(g store.Group) bool { return g.ID == id }) {
				next = append(next, store.Group{ID: id, Name: names[id]})
			}
		}
		return next
	})
	if err != nil {
		return nil, err
	}
	return apiserver.ReplaceTelegramGroupIds200JSONResponse(config), nil
}

// AddTelegramGroup monitors a chat, given as a number or as people paste it.
func (h *Handlers) AddTelegramGroup(ctx context.Context, r apiserver.AddTelegramGroupRequestObject) (apiserver.AddTelegramGroupResponseObject, error) {
	text, err := textOf(&r.Body.GroupID)
	if err != nil {
		return nil, contract.Fault("type", "must be text or a whole number", "body", "group_id")
	}
	names, err := h.seenNames(ctx)
	if err != nil {
		return nil, err
	}
	id, err := resolve(text, names)
	if err != nil {
		return nil, err
	}
	config, err := h.updateGroups(ctx, func(groups []store.Group) []store.Group {
		if slices.ContainsFunc(groups, func(g store.Group) bool { return g.ID == id }) {
			return groups
		}
		return append(groups, store.Group{ID: id, Name: names[id]})
	})
	if err != nil {
		return nil, err
	}
	return apiserver.AddTelegramGroup200JSONResponse(config), nil
}

// resolve picks the candidate that was seen, else the likeliest.
func resolve(text string, seen map[int64]*string) (int64, error) {
	candidates, err := telegram.ParseChatRef(text)
	if err != nil {
		return 0, badRequest(err.Error())
	}
	for _, c := range candidates {
		if _, ok := seen[c.ID]; ok && c.ID != 0 {
			return c.ID, nil
		}
	}
	for _, c := range candidates {
		if c.ID != 0 {
			return c.ID, nil
		}
	}
	return 0, badRequest("A name cannot be looked up here: give the group's number (such as -1002988379206), or write something in the group and pick it from the discovered chats")
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

// RemoveTelegramGroup stops monitoring a chat; an unknown id is no error.
func (h *Handlers) RemoveTelegramGroup(ctx context.Context, r apiserver.RemoveTelegramGroupRequestObject) (apiserver.RemoveTelegramGroupResponseObject, error) {
	config, err := h.updateGroups(ctx, func(groups []store.Group) []store.Group {
		return slices.DeleteFunc(slices.Clone(groups), func(g store.Group) bool { return g.ID == r.GroupID })
	})
	if err != nil {
		return nil, err
	}
	return apiserver.RemoveTelegramGroup200JSONResponse(config), nil
}

// maxDiscovered bounds the list, as proto/openapi.yaml says.
const maxDiscovered = 500

// ListDiscoveredTelegramChats lists chats that were seen and are not monitored.
func (h *Handlers) ListDiscoveredTelegramChats(ctx context.Context, _ apiserver.ListDiscoveredTelegramChatsRequestObject) (apiserver.ListDiscoveredTelegramChatsResponseObject, error) {
	chats, err := h.Store.DiscoveredChats(ctx)
	if err != nil {
		return nil, err
	}
	body := make(apiserver.ListDiscoveredTelegramChats200JSONResponse, 0, len(chats))
	for _, chat := range chats {
		id, err := strconv.ParseInt(chat.ChatID, 10, 64)
		if err != nil || chat.Source != telegram.Name || len(body) == maxDiscovered {
			continue
		}
		body = append(body, api.DiscoveredChat{ID: id, Name: optional(chat.Name), MessagesSeen: chat.Messages, LastSeen: chat.LastSeenAt.UTC()})
	}
	return body, nil
}
