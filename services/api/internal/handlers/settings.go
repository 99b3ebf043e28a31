package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

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

// ReplaceTelegramGroupIds replaces the list and keeps known names.
func (h *Handlers) ReplaceTelegramGroupIds(ctx context.Context, r apiserver.ReplaceTelegramGroupIdsRequestObject) (apiserver.ReplaceTelegramGroupIdsResponseObject, error) {
	if i := slices.Index(r.Body.GroupIds, 0); i >= 0 {
		return nil, contract.Fault("range", "must not be 0: no chat has that id", "body", "group_ids", i)
	}
	names, err := h.seenNames(ctx)
	if err != nil {
		return nil, err
	}
	config, err := h.updateGroups(ctx, nil, func(old []store.Group) ([]store.Group, error) {
		for _, g := range old {
			names[g.ID] = g.Name
		}
		next := make([]store.Group, 0, len(r.Body.GroupIds))
		for _, id := range unique(r.Body.GroupIds) {
			next = append(next, store.Group{ID: id, Name: names[id]})
		}
		return next, nil
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
	ids, err := candidates(text)
	if err != nil {
		return nil, err
	}
	names, err := h.seenNames(ctx)
	if err != nil {
		return nil, err
	}
	aliases := map[int64][]int64{}
	config, err := h.updateGroups(ctx, aliases, func(groups []store.Group) ([]store.Group, error) {
		return addGroup(groups, ids, names, aliases)
	})
	if err != nil {
		return nil, err
	}
	return apiserver.AddTelegramGroup200JSONResponse(config), nil
}

// addGroup adds the first candidate that is known, which one that is monitored is. Where
// none is, the likeliest is a guess, and the others stay its aliases.
func addGroup(groups []store.Group, ids []int64, names map[int64]*string, aliases map[int64][]int64) ([]store.Group, error) {
	at := slices.IndexFunc(ids, func(id int64) bool {
		_, seen := names[id]
		return seen || hasGroup(groups, id)
	})
	if at < 0 {
		at = 0
		aliases[ids[0]] = ids[1:]
	}
	switch id := ids[at]; {
	case hasGroup(groups, id):
		return groups, nil
	case len(groups) >= maxGroups:
		return nil, badRequest(fmt.Sprintf("%d chats are monitored, which is the most: remove one first, or remove all to take in every chat", maxGroups))
	default:
		return append(groups, store.Group{ID: id, Name: names[id]}), nil
	}
}

// RemoveTelegramGroup stops monitoring a chat; an unknown id is no error.
func (h *Handlers) RemoveTelegramGroup(ctx context.Context, r apiserver.RemoveTelegramGroupRequestObject) (apiserver.RemoveTelegramGroupResponseObject, error) {
	config, err := h.updateGroups(ctx, nil, func(groups []store.Group) ([]store.Group, error) {
		return slices.DeleteFunc(slices.Clone(groups), func(g store.Group) bool { return g.ID == r.GroupID }), nil
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
