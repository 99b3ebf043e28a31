package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

type chatKey struct {
	source int64
	id     string
}

// chatFacts is what one update said about a chat.
type chatFacts struct {
	kind, name, username string
	isForum              bool
}

// chatNews is chatFacts with the time at which they were told.
type chatNews struct {
	chatFacts
	at time.Time
}

type chatCache struct{ *cache[chatKey, chatFacts] }

func newChatCache() *chatCache { return &chatCache{newCache[chatKey, chatFacts](cacheSize)} }

func factsOf(c *eventsv1.Chat) chatFacts {
	return chatFacts{c.GetKind(), c.GetName(), c.GetUsername(), c.GetIsForum()}
}

// saveChats stores what is news about chats; what this process stored last is not.
func (s *Store) saveChats(ctx context.Context, seen map[chatKey]chatNews) error {
	arg := db.UpsertChatsParams{}
	keys := slices.SortedFunc(maps.Keys(seen), func(a, b chatKey) int {
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.id, b.id))
	})
	for _, key := range keys {
		news := seen[key]
		if known, ok := s.chats.get(key); ok && known == news.chatFacts {
			continue
		}
		arg.SourceIds = append(arg.SourceIds, key.source)
		arg.ExternalIds = append(arg.ExternalIds, key.id)
		arg.Kinds = append(arg.Kinds, news.kind)
		arg.Names = append(arg.Names, news.name)
		arg.Usernames = append(arg.Usernames, news.username)
		arg.IsForum = append(arg.IsForum, news.isForum)
		arg.FactsAt = append(arg.FactsAt, news.at)
	}
	if len(arg.SourceIds) == 0 {
		return nil
	}
	if err := s.q.UpsertChats(ctx, arg); err != nil {
		return fmt.Errorf("store %d chats: %w", len(arg.SourceIds), err)
	}
	for i, source := range arg.SourceIds {
		key := chatKey{source, arg.ExternalIds[i]}
		s.chats.put(key, seen[key].chatFacts)
	}
	return nil
}
