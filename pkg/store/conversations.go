package store

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// Grouped is what GroupMessages changed.
type Grouped struct {
	// Messages are those that were put into a conversation for the first time, or whose
	// content or place has changed.
	Messages int
	// Conversations are those that are to be judged because of it.
	Conversations int
	// Events are outbox rows, of proposals that lost their conversation.
	Events []OutboxEvent
}

// Grouping says by what messages are grouped.
type Grouping struct {
	Settings conversation.Settings
	// Quiet is for how long a conversation has to rest before it is judged.
	Quiet time.Duration
	// Opens tells of each text whether it opens a subject (conversation.Message); it looks
	// at nothing else, so that it says the same whenever it is asked. nil: none does.
	Opens func(texts []string) []bool
	// Traces are the traces of messages that are sampled, by id.
	Traces map[int64]string
}

// GroupMessages puts messages that were stored or have changed into their conversations,
// and has these judged when they have been quiet for by.Quiet, or six times as long after
// the first change. Messages that are grouped as they are stored change nothing, so that
// doing it again does no harm; ids that do not exist are left out. Several at once wait for
// each other where they touch the same chat and topic.
func (s *Store) GroupMessages(ctx context.Context, ids []int64, by Grouping) (Grouped, error) {
	threads, err := s.chatThreads(ctx, ids)
	if err != nil {
		return Grouped{}, fmt.Errorf("group %d messages: find their topics: %w", len(ids), asInvalid(err))
	}
	if len(threads) == 0 {
		return Grouped{}, nil
	}
	var grouped Grouped
	err = s.inTx(ctx, func(tx pgx.Tx, _ *db.Queries) error {
		q := db.New(replanned{tx})
		if _, err := q.LockChatThreads(ctx, threads); err != nil {
			return fmt.Errorf("lock %d topics: %w", len(threads), err)
		}
		g := grouping{q: q, Grouping: by, new: map[int64]db.ArrivedRow{}, moved: map[int64]db.ArrivedRow{},
			bursts: map[int64]int64{}, from: map[int64]bool{}, touched: map[int64]bool{}, traces: map[int64][]string{}}
		var err error
		grouped, err = g.do(ctx, ids)
		return err
	})
	if err != nil {
		return Grouped{}, fmt.Errorf("group %d messages: %w", len(ids), err)
	}
	return grouped, nil
}

// chatThreads returns the topics of messages, which it makes where they are new.
func (s *Store) chatThreads(ctx context.Context, ids []int64) ([]int64, error) {
	rows, err := s.q.MessagesToGroup(ctx, ids)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	type thread struct {
		source       int64
		chat, thread string
	}
	wanted := map[thread]bool{}
	for _, r := range rows {
		wanted[thread{r.SourceID, r.ChatID, r.ThreadID}] = true
	}
	find := func() ([]int64, error) {
		var arg db.ChatThreadsParams
		for t := range wanted {
			arg.SourceIds, arg.ChatIds, arg.ThreadIds = append(arg.SourceIds, t.source), append(arg.ChatIds, t.chat), append(arg.ThreadIds, t.thread)
		}
		found, err := s.q.ChatThreads(ctx, arg)
		var threads []int64
		for _, t := range found {
			threads = append(threads, t.ID)
		}
		return threads, err
	}
	threads, err := find()
	if err != nil || len(threads) == len(wanted) {
		return threads, err
	}
	missing := slices.SortedFunc(maps.Keys(wanted), func(a, b thread) int { // in one order: see LockChatThreads
		return cmp.Or(cmp.Compare(a.source, b.source), cmp.Compare(a.chat, b.chat), cmp.Compare(a.thread, b.thread))
	})
	var arg db.EnsureChatThreadsParams
	for _, t := range missing {
		arg.SourceIds, arg.ChatIds, arg.ThreadIds = append(arg.SourceIds, t.source), append(arg.ChatIds, t.chat), append(arg.ThreadIds, t.thread)
	}
	if err := s.q.EnsureChatThreads(ctx, arg); err != nil {
		return nil, err
	}
	return find()
}

// grouping is one transaction that groups; it follows the doc comment of pkg/conversation.
type grouping struct {
	Grouping
	q *db.Queries

	new     map[int64]db.ArrivedRow // by message
	moved   map[int64]db.ArrivedRow // grouped before, with another place in the order or other replies
	bursts  map[int64]int64         // of every message whose burst has changed
	from    map[int64]bool          // the bursts that these had before
	touched map[int64]bool          // conversations with a message of other content
	traces  map[int64][]string      // of such messages, by conversation
}

func (g *grouping) do(ctx context.Context, ids []int64) (Grouped, error) {
	if err := g.read(ctx, ids); err != nil {
		return Grouped{}, err
	}
	if len(g.new)+len(g.moved) == 0 {
		return g.touch(ctx, g.touched)
	}
	if err := g.assignBursts(ctx); err != nil {
		return Grouped{}, fmt.Errorf("assign bursts: %w", err)
	}
	rows, err := g.trees(ctx)
	if err != nil {
		return Grouped{}, fmt.Errorf("read trees of replies: %w", err)
	}
	var all conversation.Changes
	threads := map[int64]int64{} // by conversation
	for _, thread := range slices.Sorted(maps.Keys(rows)) {
		c := g.Settings.Conversations(rows[thread])
		for _, conversation := range c.Conversations {
			threads[conversation.Key] = thread
		}
		all.Assignments = append(all.Assignments, c.Assignments...)
		all.Conversations = append(all.Conversations, c.Conversations...)
		all.Gone = append(all.Gone, c.Gone...)
	}
	return g.write(ctx, all, threads)
}

// read sorts the messages into new ones, moved ones and those that only say something else,
// and stores what is known anew of those that are grouped.
func (g *grouping) read(ctx context.Context, ids []int64) error {
	waiting, err := g.q.WaitingReplies(ctx, ids)
	if err != nil {
		return fmt.Errorf("find replies that were there before: %w", err)
	}
	rows, err := g.q.Arrived(ctx, append(slices.Clone(ids), waiting...))
	if err != nil {
		return fmt.Errorf("read what arrived: %w", err)
	}
	g.setOpens(rows)
	var arg db.SetPlacesParams
	locks := map[int64]bool{}
	for _, r := range rows {
		switch {
		case !r.Grouped:
			g.new[r.MessageID] = r
			continue
		case r.WasThread != r.ChatThreadID || r.SameContent && r.SamePlace:
			continue // no channel moves messages to another topic
		}
		if !r.SamePlace {
			g.moved[r.MessageID] = r
		}
		g.touched[r.ConversationID], locks[r.ConversationID] = true, true
		if trace := g.Traces[r.MessageID]; trace != "" {
			g.traces[r.ConversationID] = append(g.traces[r.ConversationID], trace)
		}
		arg.Ids, arg.SentAt, arg.AuthorIds = append(arg.Ids, r.MessageID), append(arg.SentAt, r.SentAt), append(arg.AuthorIds, r.AuthorID)
		arg.MediaGroupIds, arg.ReplyTo = append(arg.MediaGroupIds, r.MediaGroupID), append(arg.ReplyTo, r.ReplyTo)
		arg.Opens = append(arg.Opens, r.Opens)
		arg.ContentAt, arg.ContentVersions = append(arg.ContentAt, r.ContentAt), append(arg.ContentVersions, r.ContentVersion)
	}
	if len(arg.Ids) == 0 {
		return nil
	}
	if err := g.lock(ctx, locks); err != nil {
		return err
	}
	if err := g.q.SetPlaces(ctx, arg); err != nil {
		return fmt.Errorf("note %d changed messages: %w", len(arg.Ids), err)
	}
	return nil
}

// setOpens finds out which of the contents that were not grouped before open a subject. A
// reply goes on with that of another, known or not.
func (g *grouping) setOpens(rows []db.ArrivedRow) {
	if g.Opens == nil {
		return
	}
	var asked []int
	var texts []string
	for i, r := range rows {
		if r.Grouped && r.SameContent {
			continue
		}
		if r.HasWords && r.ReplyToExternalID == "" {
			asked, texts = append(asked, i), append(texts, r.Content)
		} else if r.Opens {
			rows[i].Opens, rows[i].SamePlace = false, false
		}
	}
	for i, opens := range g.Opens(texts) {
		r := &rows[asked[i]]
		r.Opens, r.SamePlace = opens, r.SamePlace && r.Opens == opens // as it was stored
	}
}

// lock keeps judging away from conversations, before anything of theirs is changed.
func (g *grouping) lock(ctx context.Context, conversations map[int64]bool) error {
	delete(conversations, 0)
	if len(conversations) == 0 {
		return nil
	}
	if err := g.q.LockConversations(ctx, slices.Sorted(maps.Keys(conversations))); err != nil {
		return fmt.Errorf("lock %d conversations: %w", len(conversations), err)
	}
	return nil
}

// assignBursts finds the bursts of what arrived and of what it pushes into others, and
// stores those of messages that are grouped.
func (g *grouping) assignBursts(ctx context.Context) error {
	neighbours, err := g.neighbours(ctx)
	if err != nil {
		return err
	}
	var arg db.SetBurstsParams
	locks := map[int64]bool{}
	for _, n := range neighbours {
		byID := make(map[int64]conversation.Message, len(n.rows))
		for _, m := range n.rows {
			byID[m.ID] = m
		}
		for _, a := range g.Settings.Bursts(n.span, n.rows) {
			if _, done := g.bursts[a.Message]; done {
				continue
			}
			g.bursts[a.Message] = a.To
			if a.From == 0 {
				continue
			}
			g.from[a.From], locks[byID[a.Message].Conversation] = true, true
			arg.Ids, arg.BurstIds = append(arg.Ids, a.Message), append(arg.BurstIds, a.To)
		}
	}
	if len(arg.Ids) == 0 {
		return nil
	}
	if err := g.lock(ctx, locks); err != nil {
		return err
	}
	return g.q.SetBursts(ctx, arg)
}
