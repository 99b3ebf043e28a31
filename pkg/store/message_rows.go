package store

import (
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/avatar"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// message maps a row to what every service sees.
func message(r db.MessageDetail) *eventsv1.Message {
	m := &eventsv1.Message{
		Id:                r.ID,
		SourceName:        r.SourceName,
		ChatId:            r.ChatID,
		ExternalMessageId: r.ExternalMessageID,
		Content:           r.Content,
		HasWords:          r.HasWords,
		Author:            r.Author,
		AuthorId:          r.AuthorID,
		SentAt:            timestamppb.New(r.SentAt),
		EditedAt:          timestamp(r.EditedAt),
		ChatName:          r.ChatName,
		ThreadId:          r.ThreadID,
		ReplyToExternalId: r.ReplyToExternalID,
		MediaGroupId:      r.MediaGroupID,
		AvatarUrl:         avatarURL(r.AvatarUrl, r.SourceName, r.AuthorID, r.AvatarVersion, r.Author),
		Persisted:         true,
		Analyzed:          r.Analyzed,
		TaskId:            r.TaskID,
	}
	if r.IsIssue != nil && r.ClassifiedAt != nil {
		m.Classification = &eventsv1.Classification{
			IsIssue:      *r.IsIssue,
			Category:     deref(r.Category),
			Priority:     deref(r.Priority),
			Confidence:   deref(r.Confidence),
			Provider:     deref(r.Provider),
			ClassifiedAt: timestamppb.New(*r.ClassifiedAt),
		}
	}
	return m
}

func messages(rows []db.MessageDetail) []*eventsv1.Message {
	out := make([]*eventsv1.Message, len(rows))
	for i, r := range rows {
		out[i] = message(r)
	}
	return out
}

// avatarURL prefers the caller's own picture to one of ours.
func avatarURL(own, source, authorID string, version int64, name string) string {
	if own != "" || authorID == "" {
		return own
	}
	return avatar.URL(source, authorID, version, name)
}

func timestamp(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func deref[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// ownAvatar is the picture that the caller gave, if it is not one of our own paths.
func ownAvatar(m *eventsv1.Message) string {
	if strings.HasPrefix(m.GetAvatarUrl(), avatar.Path) {
		return ""
	}
	return m.GetAvatarUrl()
}
