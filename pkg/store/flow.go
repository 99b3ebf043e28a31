package store

import (
	"context"
	"fmt"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// maxBusyChats bounds what ChatActivity returns.
const maxBusyChats = 100

// TaskFlow counts the tasks created, and those closed and not opened again, from `from` until
// before `to`, by days of tz; days without any are left out.
func (s *Store) TaskFlow(ctx context.Context, from, to time.Time, tz *time.Location) ([]TaskFlowDay, error) {
	rows, err := s.planned.TaskFlow(ctx, db.TaskFlowParams{Tz: tz.String(), FromAt: from, BeforeAt: to})
	if err != nil {
		return nil, fmt.Errorf("count tasks by day: %w", asInvalid(err))
	}
	days := make([]TaskFlowDay, len(rows))
	for i, r := range rows {
		days[i] = TaskFlowDay(r)
	}
	return days, nil
}

// TimeToClose says how long the tasks that were closed from `from` until before `to`, and not opened again, took from creation; those
// of one chat, or of all where chat is "".
func (s *Store) TimeToClose(ctx context.Context, from, to time.Time, chat string) (Durations, error) {
	row, err := s.planned.TimeToClose(ctx, db.TimeToCloseParams{FromAt: from, BeforeAt: to, ChatID: some(chat)})
	if err != nil {
		return Durations{}, fmt.Errorf("measure the time to close: %w", err)
	}
	return Durations{Count: row.N, Median: row.Median, P90: row.P90}, nil
}

// TimeToAccept says how long it took until people accepted what the machine proposed from `from` until before `to`; in one chat, or in all
// where chat is "".
func (s *Store) TimeToAccept(ctx context.Context, from, to time.Time, chat string) (Durations, error) {
	chats, err := s.chatIDs(ctx, chat)
	if err != nil {
		return Durations{}, err
	}
	row, err := s.planned.TimeToAccept(ctx, db.TimeToAcceptParams{FromAt: from, BeforeAt: to, ChatIds: chats})
	if err != nil {
		return Durations{}, fmt.Errorf("measure the time to accept: %w", err)
	}
	return Durations{Count: row.N, Median: row.Median, P90: row.P90}, nil
}

// ChatActivity counts the messages of each chat sent from `from` until before `to`, the
// busiest chat first, 100 at most.
func (s *Store) ChatActivity(ctx context.Context, from, to time.Time) ([]ChatActivity, error) {
	sources, err := s.planned.SourcesLike(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("find sources: %w", err)
	}
	rows, err := s.planned.ChatActivity(ctx, db.ChatActivityParams{SourceIds: sources, SentFrom: from, SentTo: to, MaxRows: maxBusyChats})
	if err != nil {
		return nil, fmt.Errorf("count messages by chat: %w", err)
	}
	chats := make([]ChatActivity, len(rows))
	for i, r := range rows {
		chats[i] = ChatActivity{Source: r.Source, ChatID: r.ChatID, Name: r.ChatName, Count: r.Count}
	}
	return chats, nil
}

// OutboxWaiting counts the events that wait to be published, and says since when the oldest
// does; the zero time where there is none.
func (s *Store) OutboxWaiting(ctx context.Context) (waiting int64, oldest time.Time, err error) {
	row, err := s.q.OutboxWaiting(ctx)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("look at the outbox: %w", err)
	}
	if row.Waiting == 0 {
		return 0, time.Time{}, nil
	}
	return row.Waiting, row.Oldest, nil
}
