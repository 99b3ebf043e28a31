package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// SaveChatFacts stores what channels said about chats, in the order given, in one
// transaction: all or, with an error, none. Older news never replaces newer. A ChatSeen
// that is delivered again is known by its received_at and not counted again, unless
// another of the same chat came between. Payloads of other kinds are passed over. Events that it writes go through the outbox.
func (s *Store) SaveChatFacts(ctx context.Context, facts []*eventsv1.Inbound) error {
	err := s.inTx(ctx, func(_ pgx.Tx, q *db.Queries) error {
		for _, fact := range facts {
			if err := s.saveFact(ctx, q, fact); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store %d chat facts: %w", len(facts), err)
	}
	return nil
}

func (s *Store) saveFact(ctx context.Context, q *db.Queries, fact *eventsv1.Inbound) error {
	at := time.Now()
	if fact.GetReceivedAt() != nil {
		at = fact.GetReceivedAt().AsTime()
	}
	switch p := fact.GetPayload().(type) {
	case *eventsv1.Inbound_ChatSeen:
		return s.chatSeen(ctx, q, p.ChatSeen, at)
	case *eventsv1.Inbound_ChatMigrated:
		return s.chatMigrated(ctx, q, p.ChatMigrated)
	case *eventsv1.Inbound_ChatRenamed:
		_, err := s.chatTold(ctx, q, p.ChatRenamed.GetChat(), at)
		return err
	case *eventsv1.Inbound_TopicNamed:
		return s.topicNamed(ctx, q, p.TopicNamed, at)
	case *eventsv1.Inbound_BotMembershipChanged:
		return s.membershipChanged(ctx, q, p.BotMembershipChanged, at)
	default:
		return nil
	}
}

func (s *Store) chatSeen(ctx context.Context, q *db.Queries, seen *eventsv1.ChatSeen, at time.Time) error {
	reported := at
	if seen.GetLastSeenAt() != nil {
		at = seen.GetLastSeenAt().AsTime()
	}
	chat := seen.GetChat()
	source, err := s.sourceID(ctx, chat.GetSourceName())
	if err != nil {
		return err
	}
	return q.CountUnmonitored(ctx, db.CountUnmonitoredParams{
		SourceID: source, ExternalID: chat.GetChatId(), Kind: chat.GetKind(), Name: chat.GetName(),
		Username: chat.GetUsername(), IsForum: chat.GetIsForum(), SeenAt: at, Messages: seen.GetMessages(),
		ReportedAt: reported})
}

// chatTold stores what is said about a chat and returns its source. What this process
// remembers of it is dropped: the transaction may yet fail.
func (s *Store) chatTold(ctx context.Context, q *db.Queries, chat *eventsv1.Chat, at time.Time) (int64, error) {
	source, err := s.sourceID(ctx, chat.GetSourceName())
	if err != nil {
		return 0, err
	}
	s.chats.drop(chatKey{source, chat.GetChatId()})
	return source, q.UpsertChats(ctx, db.UpsertChatsParams{
		SourceIds: []int64{source}, ExternalIds: []string{chat.GetChatId()}, Kinds: []string{chat.GetKind()},
		Names: []string{chat.GetName()}, Usernames: []string{chat.GetUsername()}, IsForum: []bool{chat.GetIsForum()},
		FactsAt: []time.Time{at}})
}

func (s *Store) topicNamed(ctx context.Context, q *db.Queries, topic *eventsv1.TopicNamed, at time.Time) error {
	source, err := s.chatTold(ctx, q, topic.GetChat(), at)
	if err != nil {
		return err
	}
	chat, err := q.ChatID(ctx, db.ChatIDParams{SourceID: source, ExternalID: topic.GetChat().GetChatId()})
	if err != nil {
		return err
	}
	return q.NameTopic(ctx, db.NameTopicParams{ChatID: chat, ThreadID: topic.GetThreadId(), Name: topic.GetName(), NamedAt: at})
}

func (s *Store) membershipChanged(ctx context.Context, q *db.Queries, change *eventsv1.BotMembershipChanged, at time.Time) error {
	source, err := s.chatTold(ctx, q, change.GetChat(), at)
	if err != nil {
		return err
	}
	if change.GetChangedAt() != nil {
		at = change.GetChangedAt().AsTime()
	}
	return q.SetBotStatus(ctx, db.SetBotStatusParams{
		SourceID: source, ExternalID: change.GetChat().GetChatId(), Status: change.GetStatus(), ChangedAt: at})
}

// chatMigrated links the old chat to the new one and, where the old one was monitored,
// monitors the new one in its place.
func (s *Store) chatMigrated(ctx context.Context, q *db.Queries, m *eventsv1.ChatMigrated) error {
	source, err := s.sourceID(ctx, m.GetSourceName())
	if err != nil {
		return err
	}
	if err := q.MigrateChat(ctx, db.MigrateChatParams{SourceID: source, FromChat: m.GetFromChatId(), ToChat: m.GetToChatId()}); err != nil {
		return err
	}
	if err := q.EnsureChat(ctx, db.EnsureChatParams{SourceID: source, ExternalID: m.GetToChatId(), Kind: "supergroup", Name: m.GetName()}); err != nil {
		return err
	}
	if m.GetSourceName() != "telegram" {
		return nil
	}
	to, err := strconv.ParseInt(m.GetToChatId(), 10, 64)
	if err != nil {
		return fmt.Errorf("%w: chat id %q is no number", ErrInvalid, m.GetToChatId())
	}
	_, _, err = updateTelegramSettings(ctx, q, func(c *TelegramSettings) error {
		groups, moved := moveGroup(c.Webhook.Groups, m.GetFromChatId(), Group{ID: to, Name: some(m.GetName())})
		if !moved {
			return errNotMonitored
		}
		c.Webhook.Groups = groups
		return nil
	})
	if errors.Is(err, errNotMonitored) {
		return nil
	}
	return err
}

// errNotMonitored stops chatMigrated from making settings where there are none.
var errNotMonitored = errors.New("chat is not monitored")

// moveGroup puts a chat in the place of another, without repeating it.
func moveGroup(groups []Group, from string, to Group) ([]Group, bool) {
	var (
		kept  []Group
		moved bool
		have  bool
	)
	for _, g := range groups {
		if g.chatID() == from {
			moved = true
			if to.Name == nil {
				to.Name = g.Name
			}
			to.IgnoredTopics = g.IgnoredTopics
			g = to
		}
		if g.ID == to.ID {
			if have {
				continue
			}
			have = true
		}
		kept = append(kept, g)
	}
	return kept, moved
}
