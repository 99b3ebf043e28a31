package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// errNamesKnown stops FollowChatNames from making settings where there are none.
var errNamesKnown = errors.New("no name changed")

// FollowChatNames gives monitored chats the names that the channel told last, with the
// event settings_updated in the outbox where one changed. Chats of which no name is known
// keep theirs.
func (s *Store) FollowChatNames(ctx context.Context) error {
	config, err := s.WebhookSettings(ctx)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ids := make([]string, 0, len(config.Groups))
	for _, g := range config.Groups {
		ids = append(ids, g.chatID())
	}
	rows, err := s.q.NamesOfChats(ctx, db.NamesOfChatsParams{Source: sourceOfGroups, ChatIds: ids})
	if err != nil {
		return fmt.Errorf("read the names of %d chats: %w", len(ids), err)
	}
	names := make(map[string]string, len(rows))
	for _, r := range rows {
		names[r.ExternalID] = r.Name
	}
	_, _, err = s.UpdateGroups(ctx, func(groups []Group) ([]Group, error) {
		changed := false
		for i, g := range groups {
			if name, told := names[g.chatID()]; told && (g.Name == nil || *g.Name != name) {
				groups[i].Name, changed = &name, true
			}
		}
		if !changed {
			return nil, errNamesKnown
		}
		return groups, nil
	})
	if errors.Is(err, errNamesKnown) {
		return nil
	}
	return err
}

// SettleGroup takes the chat that was heard for the one that was meant, where a monitored
// chat without a name, of which nothing was ever heard, was added by a guessed id. It
// gives the id that counts, and those under which that chat was known before.
func (s *Store) SettleGroup(ctx context.Context, guess, heard int64) (id int64, before []int64, err error) {
	id = guess
	was, err := s.idsBefore(ctx, guess)
	if err != nil {
		return 0, nil, err
	}
	if heard != guess && len(was) == 0 { // else the other id is what it was before
		if id, err = s.moveGuess(ctx, guess, heard); err != nil {
			return 0, nil, err
		}
	}
	if id != guess {
		was, err = s.idsBefore(ctx, id)
	}
	return id, was, err
}

// moveGuess gives a chat the other id, unless something was ever heard of it.
func (s *Store) moveGuess(ctx context.Context, guess, heard int64) (id int64, err error) {
	old := Group{ID: guess}
	known, err := s.q.NamesOfChats(ctx, db.NamesOfChatsParams{Source: sourceOfGroups, ChatIds: []string{old.chatID()}})
	if err != nil {
		return 0, fmt.Errorf("look up chat %d: %w", guess, err)
	}
	if len(known) > 0 {
		return guess, nil
	}
	_, _, err = s.UpdateGroups(ctx, func(groups []Group) ([]Group, error) {
		if !slices.ContainsFunc(groups, func(g Group) bool { return g.ID == guess && g.Name == nil }) {
			return nil, errNamesKnown
		}
		moved, _ := moveGroup(groups, old.chatID(), Group{ID: heard})
		return moved, nil
	})
	if errors.Is(err, errNamesKnown) {
		return guess, nil
	}
	return heard, err
}

// idsBefore are the ids under which a chat was known before.
func (s *Store) idsBefore(ctx context.Context, id int64) (before []int64, err error) {
	texts, err := s.q.ChatsBefore(ctx, Group{ID: id}.chatID())
	if err != nil {
		return nil, fmt.Errorf("find what chat %d was: %w", id, err)
	}
	for _, text := range texts {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			before = append(before, n)
		}
	}
	return before, nil
}

// sourceOfGroups is the channel whose chats WebhookConfig.Groups are.
const sourceOfGroups = "telegram"

// listChat lists the messages of a chat and of what it was before it moved, as one: a
// basic group that became a supergroup keeps its history.
func (s *Store) listChat(ctx context.Context, arg db.ListMessagesParams, author string) ([]db.MessageDetail, error) {
	ids, err := s.chatIDs(ctx, *arg.ChatID)
	if err != nil {
		return nil, err
	}
	var all []db.MessageDetail
	for _, id := range ids {
		arg.ChatID = &id
		rows, err := s.listMessages(ctx, arg, author)
		if err != nil {
			return nil, err
		}
		all = append(all, rows...)
	}
	if len(ids) > 1 {
		slices.SortFunc(all, func(a, b db.MessageDetail) int {
			return -cmp.Or(a.SentAt.Compare(b.SentAt), cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
		})
	}
	return all[:min(int64(len(all)), arg.MaxRows)], nil
}
