package wire

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/avatar"
	"github.com/tasktracker/tasktracker/proto/gen/api"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// Message gives the client's view of m, which must not be nil. An author without
// a picture gets one of initials, where the channel said who the author is.
func Message(m *eventsv1.Message) api.MessageResponse {
	url := m.GetAvatarUrl()
	if url == "" && m.GetAuthorId() != "" {
		url = avatar.URL(m.GetSourceName(), m.GetAuthorId(), 0, m.GetAuthor())
	}
	response := api.MessageResponse{
		ID:                m.GetId(),
		ExternalMessageID: m.GetExternalMessageId(),
		Content:           m.GetContent(),
		Author:            m.GetAuthor(),
		SentAt:            m.GetSentAt().AsTime(),
		SourceName:        m.GetSourceName(),
		Analyzed:          m.GetAnalyzed(),
		AvatarURL:         optional(url),
		Persisted:         m.GetPersisted(),
		ChatID:            optional(m.GetChatId()),
		ChatName:          optional(m.GetChatName()),
		ThreadID:          optional(m.GetThreadId()),
		ReplyToExternalID: optional(m.GetReplyToExternalId()),
		EditedAt:          instant(m.GetEditedAt()),
		TaskID:            optional(m.GetTaskId()),
		MediaGroupID:      optional(m.GetMediaGroupId()),
	}
	if c := m.GetClassification(); c != nil {
		response.Classification = &api.Classification{
			IsIssue:      c.GetIsIssue(),
			Category:     optional(api.TaskCategory(c.GetCategory())),
			Priority:     optional(api.TaskPriority(c.GetPriority())),
			Confidence:   c.GetConfidence(),
			Provider:     c.GetProvider(),
			ClassifiedAt: c.GetClassifiedAt().AsTime(),
		}
	}
	return response
}

// optional is nil for the zero value, which the .proto files use for "none".
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func instant(ts *timestamppb.Timestamp) *time.Time {
	if ts == nil {
		return nil
	}
	t := ts.AsTime()
	return &t
}

// list is v, or an empty list where v is nil, so that JSON shows [] and not null.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}
