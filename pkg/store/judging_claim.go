package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// ClaimConversations gives conversations that are to be judged, the longest due first, at
// most limit, with their messages. They belong to the caller for the time of the lease; after that
// they can be claimed anew. Two claimers never get the same one, unless it changes between.
func (s *Store) ClaimConversations(ctx context.Context, limit int, lease time.Duration) ([]Conversation, error) {
	rows, err := s.planned.ClaimConversations(ctx, db.ClaimConversationsParams{Lease: lease, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("claim conversations: %w", err)
	}
	versions := make(map[int64]int64, len(rows))
	traces := make(map[int64]string, len(rows))
	for _, r := range rows {
		versions[r.ID], traces[r.ID] = r.Version, r.TraceParents
	}
	claimed, err := readConversations(ctx, s.q, versions)
	if err != nil {
		return nil, fmt.Errorf("read %d conversations: %w", len(rows), err)
	}
	for i := range claimed {
		claimed[i].TraceParents = strings.Fields(traces[claimed[i].ID])
	}
	return claimed, nil
}

// releaseDelay keeps what cannot be judged from being tried all the time.
const releaseDelay = time.Second

// ReleaseConversations hands back what was claimed and is not judged, before the end of the
// lease: it is due again in a second.
func (s *Store) ReleaseConversations(ctx context.Context, conversations []Conversation) error {
	arg := db.ReleaseConversationsParams{Delay: releaseDelay}
	for _, c := range conversations {
		arg.Ids, arg.Versions = append(arg.Ids, c.ID), append(arg.Versions, c.Version)
	}
	if err := s.q.ReleaseConversations(ctx, arg); err != nil {
		return fmt.Errorf("release %d conversations: %w", len(conversations), err)
	}
	return nil
}

// readConversations reads conversations with their messages, by id. One without messages
// has none.
func readConversations(ctx context.Context, q *db.Queries, versions map[int64]int64) ([]Conversation, error) {
	if len(versions) == 0 {
		return nil, nil
	}
	ids := slices.Sorted(maps.Keys(versions))
	rows, err := q.Utterances(ctx, ids)
	if err != nil {
		return nil, err
	}
	conversations := make([]Conversation, len(ids))
	at := make(map[int64]*Conversation, len(ids))
	for i, id := range ids {
		conversations[i] = Conversation{ID: id, Version: versions[id]}
		at[id] = &conversations[i]
	}
	for _, r := range rows {
		u, err := utterance(r)
		if err != nil {
			return nil, fmt.Errorf("verdict of message %d: %w", r.MessageID, err)
		}
		c := at[r.ConversationID]
		c.Source = r.SourceName
		c.Messages = append(c.Messages, u)
	}
	for i := range conversations {
		if c := &conversations[i]; c.wordlessIssue() {
			if c.Around, err = q.WordsAround(ctx, c.Messages[0].ID); err != nil {
				return nil, fmt.Errorf("what was said around message %d: %w", c.Messages[0].ID, err)
			}
		}
	}
	return conversations, nil
}

// wordlessIssue says that a person calls an issue what holds no words.
func (c *Conversation) wordlessIssue() bool {
	issue := func(u Utterance) bool { return u.Opinion != nil && u.Opinion.IsIssue }
	spoken := func(u Utterance) bool { return strings.TrimSpace(u.Text) != "" }
	return slices.ContainsFunc(c.Messages, issue) && !slices.ContainsFunc(c.Messages, spoken)
}

func utterance(r db.UtterancesRow) (Utterance, error) {
	u := Utterance{AuthorName: r.Author, TaskID: r.TaskID, Raw: r.Raw, contentAt: r.ContentAt, contentVersion: r.ContentVersion}
	u.Message = conversation.Message{ID: r.MessageID, At: r.SentAt, Position: r.Position, Author: r.AuthorID, ReplyTo: r.ReplyTo,
		Album: r.MediaGroupID, Conversation: r.ConversationID}
	u.Judged = r.Judged
	if r.HasWords {
		u.Text = r.Content
	}
	if r.Verdict != nil {
		u.Verdict = new(Verdict)
		if err := json.Unmarshal(r.Verdict, u.Verdict); err != nil {
			return u, err
		}
	}
	if deref(r.Provider) == ProviderUser {
		u.Opinion = &Opinion{IsIssue: deref(r.IsIssue), Category: deref(r.Category), Priority: deref(r.Priority)}
	}
	return u, nil
}

// Contents reads the words of messages; those without words are left out.
func (s *Store) Contents(ctx context.Context, ids []int64) (map[int64]string, error) {
	contents := make(map[int64]string, len(ids))
	if len(ids) == 0 {
		return contents, nil
	}
	rows, err := s.planned.Contents(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read %d messages: %w", len(ids), err)
	}
	for _, r := range rows {
		contents[r.ID] = r.Content
	}
	return contents, nil
}

// NextJudgement is how long it takes until something is due; false where nothing waits. It
// may be negative.
func (s *Store) NextJudgement(ctx context.Context) (time.Duration, bool, error) {
	seconds, err := s.q.NextJudgement(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("look for what is due next: %w", err)
	}
	return time.Duration(seconds * float64(time.Second)), seconds != -1, nil
}

// WaitingConversations counts those that have changed since they were judged, and those
// among them that no classifier could judge.
func (s *Store) WaitingConversations(ctx context.Context) (waiting, held int64, err error) {
	row, err := s.q.WaitingConversations(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("count waiting conversations: %w", err)
	}
	return row.Waiting, row.Held, nil
}
