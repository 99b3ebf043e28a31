package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
)

// maxTopics bounds the list of a chat's known topics, as proto/openapi.yaml says; those that
// are ignored, and General, come on top.
const maxTopics = 299

var errNotMonitored = &fault{http.StatusNotFound, "This chat is not monitored: add it first"}

// ListTelegramGroupTopics lists the topics of a forum, General first.
func (h *Handlers) ListTelegramGroupTopics(ctx context.Context, r apiserver.ListTelegramGroupTopicsRequestObject) (apiserver.ListTelegramGroupTopicsResponseObject, error) {
	settings, err := h.Store.WebhookSettings(ctx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	at := slices.IndexFunc(settings.Groups, func(g store.Group) bool { return g.ID == r.GroupID })
	if at < 0 {
		return nil, errNotMonitored
	}
	known, err := h.Store.TopicsOfChat(ctx, telegram.Name, strconv.FormatInt(r.GroupID, 10), maxTopics)
	if err != nil {
		return nil, err
	}
	return apiserver.ListTelegramGroupTopics200JSONResponse(topicsOf(known, settings.Groups[at].IgnoredTopics)), nil
}

// topicsOf puts together what is known of topics. Where there is none, nothing is General.
func topicsOf(known []store.Topic, ignored []string) []api.TelegramTopic {
	if len(known)+len(ignored) > 0 && !slices.ContainsFunc(known, func(t store.Topic) bool { return t.ID == bus.GeneralTopic }) {
		known = slices.Insert(known, 0, store.Topic{ID: bus.GeneralTopic})
	}
	topics := make([]api.TelegramTopic, 0, len(known))
	for _, t := range known {
		topics = append(topics, api.TelegramTopic{ID: t.ID, Name: optional(t.Name), Ignored: slices.Contains(ignored, t.ID)})
	}
	for _, id := range ignored {
		if !slices.ContainsFunc(topics, func(t api.TelegramTopic) bool { return t.ID == id }) {
			topics = append(topics, api.TelegramTopic{ID: id, Ignored: true})
		}
	}
	return topics
}

// IgnoreTelegramGroupTopics chooses the topics of a chat that are not taken in.
func (h *Handlers) IgnoreTelegramGroupTopics(ctx context.Context, r apiserver.IgnoreTelegramGroupTopicsRequestObject) (apiserver.IgnoreTelegramGroupTopicsResponseObject, error) {
	config, err := h.updateGroups(ctx, nil, func(old []store.Group) ([]store.Group, error) {
		groups := slices.Clone(old)
		at := slices.IndexFunc(groups, func(g store.Group) bool { return g.ID == r.GroupID })
		if at < 0 {
			return nil, errNotMonitored
		}
		groups[at].IgnoredTopics = unique(r.Body.Topics)
		return groups, nil
	})
	if err != nil {
		return nil, err
	}
	return apiserver.IgnoreTelegramGroupTopics200JSONResponse(config), nil
}
