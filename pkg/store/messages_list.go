package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/search"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

const (
	defaultPage = 50
	// Up to so many names are read each from its own index; a part of a name that
	// fits more of them fits so many messages that walking back in time finds a page.
	maxNameLookups = 200
	// What a search finds so seldom is read whole and sorted; what it finds oftener
	// is found soon by walking back in time.
	rareHits = 20_000
	// The same of messages that got so far, of which it costs more to know.
	rareReached = 5_000
)

// ListMessages gives one page of the messages that fit every filter, newest first by
// sent_at, then id; of one chat by sent_at, then number in the chat, then id.
// A chat that moved to another id counts as the one that it became. It returns
// ErrBadCursor for a cursor that it did not make.
func (s *Store) ListMessages(ctx context.Context, f MessageFilter) (MessagePage, error) {
	limit := min(f.Limit, maxPage)
	if limit <= 0 {
		limit = defaultPage
	}
	// One more than asked for tells whether there is a next page.
	arg := db.ListMessagesParams{MaxRows: int64(limit) + 1, ChatID: some(f.ChatID)}
	if !f.From.IsZero() {
		arg.SentFrom = &f.From
	}
	if !f.To.IsZero() {
		arg.SentTo = &f.To
	}
	var err error
	if f.Cursor != "" {
		at, numbers, err := readCursor(f.Cursor, 2)
		if err != nil {
			return MessagePage{}, err
		}
		arg.BeforeAt, arg.BeforePosition, arg.BeforeID = &at, &numbers[0], &numbers[1]
	}
	filterClassification(&arg, f.Classification)
	arg.Reached = some(int32(f.Reached))
	if f.Query != "" {
		query := search.Query(f.Query)
		if query == "" {
			return MessagePage{}, nil // nothing that could be found
		}
		arg.Query = &query
	}
	if arg.SourceIds, err = s.planned.SourcesLike(ctx, f.Source); err != nil {
		return MessagePage{}, fmt.Errorf("find sources: %w", err)
	}
	list := s.listMessages
	if arg.ChatID != nil {
		list = s.listChat
	}
	rows, err := list(ctx, arg, f.Author)
	if err != nil {
		return MessagePage{}, fmt.Errorf("list messages: %w", err)
	}
	page := MessagePage{}
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		if f.ChatID == "" {
			last.Position = 0 // numbers of different chats say nothing of each other
		}
		page.NextCursor = cursorAt(last.SentAt, last.Position, last.ID)
	}
	page.Messages = messages(rows)
	return page, nil
}

func filterClassification(arg *db.ListMessagesParams, classification string) {
	yes, no := true, false
	switch classification {
	case "":
	case ClassifiedIssue:
		arg.IsIssue = &yes
	case ClassifiedNoise:
		arg.IsIssue = &no
	case Unclassified:
		arg.Unclassified = &yes
	default:
		arg.Category = &classification
	}
}

// listMessages reads the messages of a page.
func (s *Store) listMessages(ctx context.Context, arg db.ListMessagesParams, author string) ([]db.MessageDetail, error) {
	ids, err := s.pageOf(ctx, arg, author)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	rows, err := s.q.MessagesByIDs(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read the messages of a page: %w", err)
	}
	place := make(map[int64]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(rows, func(a, b db.MessageDetail) int { return place[a.ID] - place[b.ID] })
	return rows, nil
}

// pageOf gives the ids of a page, in order. It chooses what leads: the rows that a search
// found, where they are few; author names, where neither a word nor a chat is asked for,
// which pick fewer rows; else sources, with whatever index PostgreSQL finds to fit the values.
func (s *Store) pageOf(ctx context.Context, arg db.ListMessagesParams, author string) ([]int64, error) {
	if author != "" {
		names, err := s.planned.AuthorNamesLike(ctx, db.AuthorNamesLikeParams{SourceIds: arg.SourceIds, Part: author})
		if err != nil || len(names) == 0 {
			return nil, err
		}
		arg.AuthorNameIds = names
	}
	if arg.Reached != nil {
		ids, err := s.q.MessagesReached(ctx, db.MessagesReachedParams{Stage: *arg.Reached, Most: rareReached})
		if err != nil {
			return nil, fmt.Errorf("look for messages that got so far: %w", err)
		}
		if len(ids) < rareReached {
			arg.Reached = nil // all of them did
			page, _, err := s.pageAmong(ctx, arg, nil, append([]int64{}, ids...))
			return page, err
		}
	}
	if arg.Query != nil {
		lead, err := leadOf(ctx, *arg.Query, s.q.MessagesExpected)
		if err != nil {
			return nil, err
		}
		if lead == "" {
			return s.planned.ListMessages(ctx, arg)
		}
		page, rare, err := s.pageAmong(ctx, arg, &lead, nil)
		if err != nil || rare {
			return page, err
		}
	}
	if arg.Query == nil && arg.ChatID == nil && len(arg.AuthorNameIds) > 0 && len(arg.AuthorNameIds) <= maxNameLookups {
		return s.planned.ListMessagesOfAuthors(ctx, db.ListMessagesOfAuthorsParams{
			AuthorNameIds: arg.AuthorNameIds, SentFrom: arg.SentFrom, SentTo: arg.SentTo,
			BeforeAt: arg.BeforeAt, BeforeID: arg.BeforeID, Category: arg.Category, IsIssue: arg.IsIssue,
			Unclassified: arg.Unclassified, Reached: arg.Reached, MaxRows: arg.MaxRows,
		})
	}
	return s.planned.ListMessages(ctx, arg)
}

// leadOf gives what of a search is looked up in the search index: the words that the
// planner's statistics expect in fewer than rareHits rows each, since the index is read for
// all that a word stands in. "" is for a search of one word that is not rare; where none of
// several is, all are looked up, since together they may be.
func leadOf(ctx context.Context, query string, expected func(context.Context, []string) ([]float64, error)) (string, error) {
	words := strings.Split(query, " & ")
	counts, err := expected(ctx, words)
	if err != nil {
		return "", fmt.Errorf("expect what a search finds: %w", err)
	}
	var rare []string
	for i, n := range counts {
		if n < rareHits {
			rare = append(rare, words[i])
		}
	}
	if len(rare) == 0 && len(words) > 1 {
		return query, nil
	}
	return strings.Join(rare, " & "), nil
}

// pageAmong is a page of what a search finds, by its lead, where that is rare, or of the messages with ids, where
// these are not nil; rare is false where it is not.
func (s *Store) pageAmong(ctx context.Context, arg db.ListMessagesParams, lead *string, ids []int64) (page []int64, rare bool, err error) {
	rows, err := s.planned.ListMessagesAmong(ctx, db.ListMessagesAmongParams{
		Lead: lead, Query: arg.Query, MaxHits: rareHits, Ids: ids, SourceIds: arg.SourceIds, SentFrom: arg.SentFrom, SentTo: arg.SentTo, BeforeAt: arg.BeforeAt,
		BeforePosition: arg.BeforePosition, BeforeID: arg.BeforeID, AuthorNameIds: arg.AuthorNameIds, ChatID: arg.ChatID, Category: arg.Category,
		IsIssue: arg.IsIssue, Unclassified: arg.Unclassified, Reached: arg.Reached, MaxRows: arg.MaxRows,
	})
	if err != nil {
		return nil, false, err
	}
	if len(rows) == 0 && ids == nil { // nothing fits, or nothing of those that were read
		found, err := s.q.CountMessagesFound(ctx, db.CountMessagesFoundParams{Query: *arg.Query, Most: rareHits})
		return nil, found < rareHits, err
	}
	page = make([]int64, 0, len(rows))
	for _, r := range rows {
		page = append(page, r.ID)
	}
	return page, ids != nil || rows[0].Found < rareHits, nil
}
