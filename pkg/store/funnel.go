package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// Funnel says how far the messages of a span got, counted in messages.
type Funnel struct {
	// Judged are those of Messages about which something was decided, Issues those in which there is something to do.
	Messages, Judged, Issues int64
	// Proposed, Accepted and Done are those of Issues that reached these stages, see Reached.
	Proposed, Accepted, Done int64
}

// Funnel counts how far the messages got that were sent from `from` until before `to`, in one chat with what
// it was before it moved, or in all where chat is "".
func (s *Store) Funnel(ctx context.Context, from, to time.Time, tz *time.Location, chat string) (Funnel, error) {
	chats, err := s.chatIDs(ctx, chat)
	if err != nil {
		return Funnel{}, err
	}
	sources, err := s.planned.SourcesLike(ctx, "")
	if err != nil {
		return Funnel{}, fmt.Errorf("find sources: %w", err)
	}
	var f Funnel
	if f.Messages, f.Judged, err = s.countMessages(ctx, sources, chats, from, to, tz); err != nil {
		return Funnel{}, err
	}
	flow, err := s.planned.CountFlow(ctx, db.CountFlowParams{SourceIds: sources, SentFrom: from, SentTo: to, ChatIds: chats})
	if err != nil {
		return Funnel{}, fmt.Errorf("count how far messages got: %w", err)
	}
	f.Issues, f.Proposed, f.Accepted, f.Done = flow.Issues, flow.Proposed, flow.Accepted, flow.Done
	return f, nil
}

// countMessages counts those of some chats by reading them, those of all (nil) by what was counted when they came.
func (s *Store) countMessages(ctx context.Context, sources []int64, chats []string, from, to time.Time, tz *time.Location) (all, judged int64, err error) {
	if chats != nil {
		n, err := s.planned.CountOfChats(ctx, db.CountOfChatsParams{SourceIds: sources, ChatIds: chats, SentFrom: from, SentTo: to})
		if err != nil {
			return 0, 0, fmt.Errorf("count messages of a chat: %w", err)
		}
		return n.Messages, n.Judged, nil
	}
	hours, err := s.activity(ctx, sources, from, to, tz)
	if err != nil {
		return 0, 0, fmt.Errorf("count messages by hour: %w", asInvalid(err))
	}
	for _, h := range hours {
		all += h.Count
	}
	n, err := s.planned.CountJudged(ctx, db.CountJudgedParams{SourceIds: sources, SentFrom: from, SentTo: to})
	if err != nil {
		return 0, 0, fmt.Errorf("count judged messages: %w", err)
	}
	return all, n.Judged, nil
}

// chatIDs are the ids of a chat: its own, and those under which it was known before; nil for "".
func (s *Store) chatIDs(ctx context.Context, chat string) ([]string, error) {
	if chat == "" {
		return nil, nil
	}
	before, err := s.q.ChatsBefore(ctx, chat)
	if err != nil {
		return nil, fmt.Errorf("find what chat %s was: %w", chat, err)
	}
	return append([]string{chat}, before...), nil
}
