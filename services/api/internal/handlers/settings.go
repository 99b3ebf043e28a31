package handlers

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/telegram/explain"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	"github.com/tasktracker/tasktracker/services/api/internal/connect"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// GetWebhookSettings reads what is set for Telegram.
func (h *Handlers) GetWebhookSettings(ctx context.Context, _ apiserver.GetWebhookSettingsRequestObject) (apiserver.GetWebhookSettingsResponseObject, error) {
	view, err := h.Connection.View(ctx)
	if err != nil {
		return nil, err
	}
	protocol, host := splitBase(cmp.Or(view.WebhookBaseURL, h.Front.BaseURL(contract.Request(ctx))))
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
		config.Groups = append(config.Groups, groupOf(g))
	}
	return config
}

func groupOf(g store.Group) api.TelegramGroup {
	group := api.TelegramGroup{ID: g.ID, Name: g.Name}
	if len(g.IgnoredTopics) > 0 {
		group.IgnoredTopics = &g.IgnoredTopics
	}
	return group
}

// ReplaceTelegramGroupIds replaces the list and keeps known names.
func (h *Handlers) ReplaceTelegramGroupIds(ctx context.Context, r apiserver.ReplaceTelegramGroupIdsRequestObject) (apiserver.ReplaceTelegramGroupIdsResponseObject, error) {
	var faults contract.Faults
	for i, id := range r.Body.GroupIds {
		if !telegram.ValidChatID(id) {
			faults = append(faults, contract.Fault("range", "can be no chat's: use an id of at most 13 digits, such as -1002988379206", "body", "group_ids", i)...)
		}
	}
	if faults != nil {
		return nil, faults
	}
	names, err := h.seenNames(ctx)
	if err != nil {
		return nil, err
	}
	config, err := h.updateGroups(ctx, nil, func(old []store.Group) ([]store.Group, error) {
		ignored := map[int64][]string{}
		for _, g := range old {
			names[g.ID], ignored[g.ID] = g.Name, g.IgnoredTopics
		}
		next := make([]store.Group, 0, len(r.Body.GroupIds))
		for _, id := range unique(r.Body.GroupIds) {
			next = append(next, store.Group{ID: id, Name: names[id], IgnoredTopics: ignored[id]})
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
	refs, err := telegram.ParseChatRef(text)
	if err != nil {
		return nil, badRequest(sentence(err.Error()))
	}
	chat, refusal, err := h.Connection.Resolve(ctx, refs)
	if err != nil {
		return nil, err
	}
	if chat, err = h.moved(ctx, chat, numbers(refs)); err != nil {
		return nil, err
	}
	config, err := h.monitor(ctx, numbers(refs), chat, refusal)
	if err != nil {
		return nil, err
	}
	return apiserver.AddTelegramGroup200JSONResponse(config), nil
}

// moved follows a group that is known to have become a supergroup, of which Telegram may
// still tell under its old id, to its new one.
func (h *Handlers) moved(ctx context.Context, chat *connect.Chat, ids []int64) (*connect.Chat, error) {
	if chat != nil {
		ids = []int64{chat.ID}
	}
	states, err := h.Store.ChatStates(ctx, telegram.Name, ids)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if to := states[id].MigratedTo; to != 0 {
			next := connect.Chat{ID: to, Was: id}
			if chat != nil {
				next.Name = chat.Name
			}
			return &next, nil
		}
	}
	return chat, nil
}

// monitor adds the chat that Telegram told; where it told none, what the numbers say.
func (h *Handlers) monitor(ctx context.Context, ids []int64, chat *connect.Chat, refusal *explain.Refusal) (api.TelegramWebhookConfig, error) {
	aliases := map[int64][]int64{}
	if chat != nil {
		if chat.Was != 0 { // what was said before it moved may arrive after it
			aliases[chat.ID] = []int64{chat.Was}
		}
		return h.updateGroups(ctx, aliases, func(groups []store.Group) ([]store.Group, error) {
			return putChat(groups, *chat, ids)
		})
	}
	if len(ids) == 0 {
		return api.TelegramWebhookConfig{}, unresolvedName(refusal)
	}
	names, err := h.seenNames(ctx)
	if err != nil {
		return api.TelegramWebhookConfig{}, err
	}
	return h.updateGroups(ctx, aliases, func(groups []store.Group) ([]store.Group, error) {
		return addGroup(groups, ids, names, aliases)
	})
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
		return nil, tooManyGroups()
	default:
		return append(groups, store.Group{ID: id, Name: names[id]}), nil
	}
}

// RefreshTelegramGroupNames asks Telegram for the names; a failure keeps the old one. A
// group that has become another moves on.
func (h *Handlers) RefreshTelegramGroupNames(ctx context.Context, _ apiserver.RefreshTelegramGroupNamesRequestObject) (apiserver.RefreshTelegramGroupNamesResponseObject, error) {
	settings, err := h.Store.WebhookSettings(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	found, err := h.Connection.Names(ctx, settings.Groups)
	if err != nil {
		return nil, err
	}
	aliases := map[int64][]int64{}
	config, err := h.updateGroups(ctx, aliases, func(groups []store.Group) ([]store.Group, error) {
		return renamed(groups, found, aliases)
	})
	if err != nil {
		return nil, err
	}
	return apiserver.RefreshTelegramGroupNames200JSONResponse(config), nil
}

// renamed takes over what Telegram told of each group.
func renamed(groups []store.Group, found map[int64]connect.Chat, aliases map[int64][]int64) ([]store.Group, error) {
	next := slices.Clone(groups)
	for _, g := range groups {
		chat, told := found[g.ID]
		if !told {
			continue
		}
		if chat.Was != 0 {
			aliases[chat.ID] = append(aliases[chat.ID], chat.Was)
		}
		var err error
		if next, err = putChat(next, chat, nil); err != nil {
			return nil, err
		}
	}
	return next, nil
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
