package handlers

import (
	"context"
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/entities"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telegram"
	"github.com/tasktracker/tasktracker/pkg/wire"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api/internal/contract"
)

// sourceAPI is the source of messages that callers hand in.
const sourceAPI = "api"

// ListMessages pages through messages, newest first.
func (h *Handlers) ListMessages(ctx context.Context, r apiserver.ListMessagesRequestObject) (apiserver.ListMessagesResponseObject, error) {
	filter, err := messageFilter(r.Params)
	if err != nil {
		return nil, err
	}
	page, err := h.Store.ListMessages(ctx, filter)
	if err != nil {
		return nil, err
	}
	link, next := nextPage(ctx, page.NextCursor)
	return apiserver.ListMessages200JSONResponse{
		Body:    messageList(page.Messages),
		Headers: apiserver.ListMessages200ResponseHeaders{Link: link, XNextCursor: next},
	}, nil
}

func messageFilter(p api.ListMessagesParams) (store.MessageFilter, error) {
	filter := store.MessageFilter{
		Author: value(p.Author), Source: value(p.Source), ChatID: value(p.ChatID), Query: value(p.Q),
		Limit: value(p.Limit), Cursor: value(p.Cursor),
	}
	switch value(p.Classification) {
	case api.ClassificationFilterIssue:
		filter.Classification = store.ClassifiedIssue
	case api.ClassificationFilterOther:
		filter.Classification = store.ClassifiedNoise
	case api.ClassificationFilterUnclassified:
		filter.Classification = store.Unclassified
	}
	switch value(p.Reached) {
	case api.ReachedProposed:
		filter.Reached = store.ReachedProposed
	case api.ReachedAccepted:
		filter.Reached = store.ReachedAccepted
	case api.ReachedDone:
		filter.Reached = store.ReachedDone
	}
	tz, err := contract.TimeZone(value(p.TZ))
	if err != nil {
		return filter, err
	}
	// A day begins at its first instant in the zone, and ends where the next begins:
	// on days of a clock change it is 23 or 25 hours long.
	if p.DateFrom != nil {
		filter.From = startOfDay(p.DateFrom.Time, tz)
	}
	if p.DateTo != nil {
		filter.To = startOfDay(p.DateTo.AddDate(0, 0, 1), tz)
	}
	if p.SentFrom != nil && p.SentFrom.After(filter.From) {
		filter.From = *p.SentFrom
	}
	if p.SentBefore != nil && (filter.To.IsZero() || p.SentBefore.Before(filter.To)) {
		filter.To = *p.SentBefore
	}
	return filter, nil
}

func messageList(messages []*eventsv1.Message) []api.MessageResponse {
	list := make([]api.MessageResponse, 0, len(messages))
	for _, m := range messages {
		list = append(list, wire.Message(m))
	}
	return list
}

// CreateMessage stores a message of source api.
func (h *Handlers) CreateMessage(ctx context.Context, r apiserver.CreateMessageRequestObject) (apiserver.CreateMessageResponseObject, error) {
	id, chat, user, faults := externalIDs(r.Body)
	if y := r.Body.Timestamp.UTC().Year(); y < 1970 || y > 9999 {
		faults = append(faults, contract.Fault("range", "must be a time between the years 1970 and 9999", "body", "timestamp")...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	created, err := h.Store.CreateMessage(ctx, store.Incoming{Message: &eventsv1.Message{
		SourceName: sourceAPI, ChatId: chat, ExternalMessageId: id, AuthorId: user,
		Content: r.Body.Content, HasWords: r.Body.Content != "", Author: r.Body.Author,
		SentAt: timestamppb.New(r.Body.Timestamp), AvatarUrl: value(r.Body.AvatarURL),
	}})
	if err != nil {
		return nil, err
	}
	h.Outbox.Publish(ctx, created.Events)
	return apiserver.CreateMessage200JSONResponse{
		Status: "message received", ID: created.Message.GetId(), Message: wire.Message(created.Message),
	}, nil
}

// externalIDs reads ids that come as text or as numbers.
func externalIDs(body *api.MessageCreate) (id, chat, user string, faults contract.Faults) {
	read := func(name string, from *api.ExternalID) string {
		text, err := textOf(from)
		if err != nil {
			faults = append(faults, contract.Fault("type", "must be text or a whole number", "body", name)...)
		}
		return text
	}
	id, chat = read("id", &body.ID), read("chat_id", &body.ChatID)
	if body.UserID != nil {
		user = read("user_id", body.UserID)
	}
	return id, chat, user, faults
}

func textOf(id *api.ExternalID) (string, error) {
	if n, err := id.AsNumericID(); err == nil {
		return decimal(int64(n)), nil
	}
	text, err := id.AsTextID()
	return string(text), err
}

// GetMessageFilters lists what the list can be filtered by.
func (h *Handlers) GetMessageFilters(ctx context.Context, _ apiserver.GetMessageFiltersRequestObject) (apiserver.GetMessageFiltersResponseObject, error) {
	facets, err := h.Store.MessageFilters(ctx)
	if err != nil {
		return nil, err
	}
	return apiserver.GetMessageFilters200JSONResponse{
		Authors: list(facets.Authors), Sources: list(facets.Sources), TotalMessages: facets.Total,
		DateRange: api.DateRange{Earliest: date(facets.Earliest), Latest: date(facets.Latest)},
	}, nil
}

// GetMessage reads one message and its place in the conversation.
func (h *Handlers) GetMessage(ctx context.Context, r apiserver.GetMessageRequestObject) (apiserver.GetMessageResponseObject, error) {
	detail, err := h.Store.GetMessage(ctx, r.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, notFound("Message not found")
	}
	if err != nil {
		return nil, err
	}
	body := apiserver.GetMessage200JSONResponse{
		MessageResponse: wire.Message(detail.Message),
		Raw:             detail.Raw, Edits: make([]api.MessageVersion, 0, len(detail.Edits)), Replies: messageList(detail.Replies),
		Entities: h.entities(detail.Message, detail.Raw),
	}
	for _, edit := range detail.Edits {
		body.Edits = append(body.Edits, api.MessageVersion{Content: edit.Content, EditedAt: edit.WrittenAt.UTC()})
	}
	if detail.ReplyTo != nil {
		answered := wire.Message(detail.ReplyTo)
		body.ReplyTo = &answered
	}
	return body, nil
}

// entities is what the text of a message names, which the channel delivered as raw.
func (h *Handlers) entities(m *eventsv1.Message, raw []byte) []api.MessageEntity {
	named := []api.MessageEntity{}
	if !m.GetHasWords() {
		return named
	}
	for _, e := range entities.Find(m.GetContent(), m.GetSentAt().AsTime(), h.Zone, telegram.Mentions(raw, m.GetContent())) {
		entity := api.MessageEntity{Kind: api.MessageEntityKind(e.Kind), Text: e.Text, Value: e.Value}
		if d := e.Date; d != nil {
			entity.Date = &api.EntityDate{From: d.From, To: d.To, Precision: api.EntityDatePrecision(d.Precision), IsDeadline: d.IsDeadline}
		}
		named = append(named, entity)
	}
	return named
}

// list is v, or an empty list where v is nil, so that JSON shows [] and not null.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}
