package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// GetMessage reads one message with its raw form, its earlier versions and its place
// in the conversation, or returns ErrNotFound.
func (s *Store) GetMessage(ctx context.Context, id int64) (MessageDetail, error) {
	rows, err := s.q.MessagesByIDs(ctx, []int64{id})
	if err != nil {
		return MessageDetail{}, fmt.Errorf("read message %d: %w", id, err)
	}
	if len(rows) == 0 {
		return MessageDetail{}, fmt.Errorf("message %d: %w", id, ErrNotFound)
	}
	detail := MessageDetail{Message: message(rows[0])}
	if err := s.readConversation(ctx, rows[0], &detail); err != nil {
		return MessageDetail{}, fmt.Errorf("read message %d: %w", id, err)
	}
	return detail, nil
}

func (s *Store) readConversation(ctx context.Context, r db.MessageDetail, detail *MessageDetail) error {
	var err error
	if detail.Raw, err = s.q.MessageRaw(ctx, r.ID); err != nil {
		return fmt.Errorf("raw: %w", err)
	}
	edits, err := s.q.MessageEdits(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("edits: %w", err)
	}
	for _, e := range edits {
		detail.Edits = append(detail.Edits, MessageEdit(e))
	}
	replies, err := s.q.Replies(ctx, db.RepliesParams{
		SourceID: r.SourceID, ChatID: r.ChatID, ExternalMessageID: r.ExternalMessageID})
	if err != nil {
		return fmt.Errorf("replies: %w", err)
	}
	detail.Replies = messages(replies)
	if r.ReplyToExternalID != "" {
		parents, err := s.q.MessagesByIdentity(ctx, db.MessagesByIdentityParams{
			SourceIds: []int64{r.SourceID}, ChatIds: []string{r.ChatID}, ExternalIds: []string{r.ReplyToExternalID}})
		if err != nil {
			return fmt.Errorf("replied-to message: %w", err)
		}
		if len(parents) > 0 {
			detail.ReplyTo = message(parents[0])
		}
	}
	if r.ThreadID == "" {
		return nil
	}
	detail.TopicName, err = s.q.TopicName(ctx, db.TopicNameParams{
		SourceID: r.SourceID, ChatExternalID: r.ChatID, ThreadID: r.ThreadID})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("topic: %w", err)
	}
	return nil
}

// MessagesByIDs reads messages in the order of ids; ids that do not exist are left out.
func (s *Store) MessagesByIDs(ctx context.Context, ids []int64) ([]*eventsv1.Message, error) {
	rows, err := s.q.MessagesByIDs(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	byID := make(map[int64]*eventsv1.Message, len(rows))
	for _, r := range rows {
		byID[r.ID] = message(r)
	}
	found := make([]*eventsv1.Message, 0, len(rows))
	for _, id := range ids {
		if m := byID[id]; m != nil {
			found = append(found, m)
		}
	}
	return found, nil
}

// RecentMessagesOfAuthor reads the newest messages that an author signed with the
// present name, at most limit (1 to 500), newest first: those that show a new picture.
func (s *Store) RecentMessagesOfAuthor(ctx context.Context, source, authorID string, limit int) ([]*eventsv1.Message, error) {
	sourceID, err := s.sourceID(ctx, source)
	if err != nil {
		return nil, err
	}
	rows, err := s.planned.RecentMessagesOfAuthor(ctx, db.RecentMessagesOfAuthorParams{
		SourceID: sourceID, AuthorID: authorID, MaxRows: int64(max(1, min(limit, maxPage)))})
	if err != nil {
		return nil, fmt.Errorf("read messages of author %s: %w", authorID, err)
	}
	return messages(rows), nil
}

// CreatedMessage is what CreateMessage leaves behind.
type CreatedMessage struct {
	Message *eventsv1.Message
	// Created is false where the message was there before; nothing changed then.
	Created bool
	// Events are the outbox rows written with it, for publishing at once.
	Events []OutboxEvent
}

// CreateMessage stores a message that a caller of the API sends, with its event
// message.new and the job to classify it in the same transaction. The same (source, chat, external id) again
// changes nothing and gives the stored one.
func (s *Store) CreateMessage(ctx context.Context, in Incoming) (CreatedMessage, error) {
	created, err := s.createMessage(ctx, in)
	if isForeignKey(err) {
		s.forget()
		created, err = s.createMessage(ctx, in)
	}
	if err != nil {
		return CreatedMessage{}, fmt.Errorf("create message %q: %w", in.Message.GetExternalMessageId(), err)
	}
	return created, nil
}

func (s *Store) createMessage(ctx context.Context, in Incoming) (CreatedMessage, error) {
	versions, err := s.prepare(ctx, []Incoming{in})
	if err != nil {
		return CreatedMessage{}, asInvalid(err)
	}
	if _, err := s.saveAuthorsAndChats(ctx, versions, time.Now()); err != nil {
		return CreatedMessage{}, asInvalid(err)
	}
	v := &versions[0]
	var created CreatedMessage
	err = s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		_, err := q.InsertMessage(ctx, s.insertParams(v))
		created.Created = err == nil
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		rows, err := q.MessagesByIdentity(ctx, db.MessagesByIdentityParams{
			SourceIds: []int64{v.id.source}, ChatIds: []string{v.id.chat}, ExternalIds: []string{v.id.extern}})
		if err != nil {
			return err
		}
		if len(rows) != 1 {
			return fmt.Errorf("message: %w", ErrNotFound)
		}
		created.Message = message(rows[0])
		if !created.Created {
			return nil
		}
		if err := emitJob(ctx, q, &created.Events, bus.SubjectJobClassify, &eventsv1.ClassifyMessages{MessageIds: []int64{created.Message.GetId()}}); err != nil {
			return err
		}
		return emit(ctx, q, &created.Events, bus.SubjectMessageNew, &eventsv1.Event{
			Payload: &eventsv1.Event_MessageNew{MessageNew: &eventsv1.MessageNew{Message: created.Message}}})
	})
	return created, err
}

func (s *Store) insertParams(v *version) db.InsertMessageParams {
	m := v.Message
	return db.InsertMessageParams{
		SourceID: v.id.source, ChatID: v.id.chat, ExternalMessageID: v.id.extern,
		AuthorNameID: v.nameID, AuthorID: m.GetAuthorId(), Content: m.GetContent(), HasWords: m.GetHasWords(),
		SentAt: v.sent, ThreadID: m.GetThreadId(), ReplyToExternalID: m.GetReplyToExternalId(),
		MediaGroupID: m.GetMediaGroupId(), AvatarUrl: ownAvatar(m), Raw: string(v.Raw),
		Search: s.vector(m.GetContent(), m.GetAuthor()), Version: v.Version,
	}
}

// ClassifyMessage stores what was decided about a message and returns it, or
// ErrNotFound. A classification without a time gets the present one.
func (s *Store) ClassifyMessage(ctx context.Context, id int64, c *eventsv1.Classification) (*eventsv1.Message, error) {
	at := time.Now()
	if c.GetClassifiedAt() != nil {
		at = c.GetClassifiedAt().AsTime()
	}
	n, err := s.q.ClassifyMessage(ctx, db.ClassifyMessageParams{
		ID: id, IsIssue: c.GetIsIssue(), Category: c.GetCategory(), Priority: c.GetPriority(),
		Confidence: c.GetConfidence(), Provider: c.GetProvider(), ClassifiedAt: at})
	if err != nil {
		return nil, fmt.Errorf("classify message %d: %w", id, asInvalid(err))
	}
	if n == 0 {
		return nil, fmt.Errorf("message %d: %w", id, ErrNotFound)
	}
	found, err := s.MessagesByIDs(ctx, []int64{id})
	if err != nil || len(found) == 0 {
		return nil, fmt.Errorf("message %d: %w", id, errors.Join(err, ErrNotFound))
	}
	return found[0], nil
}

// ReindexSearch indexes rows that were carried over without, at most limit of the
// messages and of the tasks, and returns how many it did; 0 means that all are. Two
// at once share the work.
func (s *Store) ReindexSearch(ctx context.Context, limit int) (int, error) {
	var n int64
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		rows, err := q.UnindexedMessages(ctx, int32(limit))
		if err != nil {
			return err
		}
		arg := db.IndexMessagesParams{}
		for _, r := range rows {
			arg.Ids = append(arg.Ids, r.ID)
			arg.Searches = append(arg.Searches, s.vector(r.Content, r.Author))
		}
		if n, err = q.IndexMessages(ctx, arg); err != nil {
			return err
		}
		tasks, err := q.UnindexedTasks(ctx, int32(limit))
		if err != nil {
			return err
		}
		byTask := db.IndexTasksParams{}
		for _, t := range tasks {
			byTask.Ids = append(byTask.Ids, t.ID)
			byTask.Searches = append(byTask.Searches, s.vector(t.Description, t.Title))
			byTask.Terms = append(byTask.Terms, strings.Join(terms(t.Title, t.Description, t.Category), termSeparator))
		}
		more, err := q.IndexTasks(ctx, byTask)
		n += more
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("index for search: %w", err)
	}
	return int(n), nil
}
