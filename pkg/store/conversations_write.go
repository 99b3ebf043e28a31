package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// write stores the conversations as they are now, and moves what hangs on those that no
// longer exist.
func (g *grouping) write(ctx context.Context, c conversation.Changes, threads map[int64]int64) (Grouped, error) {
	locks := maps.Clone(g.touched)
	for _, a := range c.Assignments {
		locks[a.From], locks[a.To] = true, true
	}
	if err := g.lock(ctx, locks); err != nil {
		return Grouped{}, err
	}
	if err := g.upsert(ctx, c.Conversations, threads); err != nil {
		return Grouped{}, fmt.Errorf("store %d conversations: %w", len(c.Conversations), err)
	}
	if err := g.assign(ctx, c.Assignments); err != nil {
		return Grouped{}, fmt.Errorf("assign conversations: %w", err)
	}
	rest := maps.Clone(g.touched)
	for _, changed := range c.Conversations {
		delete(rest, changed.Key)
	}
	for _, gone := range c.Gone {
		delete(rest, gone.Key)
	}
	grouped, err := g.touch(ctx, rest)
	if err != nil {
		return Grouped{}, err
	}
	grouped.Messages = len(g.new) + len(g.moved)
	grouped.Conversations += len(c.Conversations)
	grouped.Events, err = g.bury(ctx, c.Gone)
	return grouped, err
}

// touch has conversations judged anew whose messages are the same and say something else.
func (g *grouping) touch(ctx context.Context, conversations map[int64]bool) (Grouped, error) {
	if len(conversations) == 0 {
		return Grouped{}, nil
	}
	ids := slices.Sorted(maps.Keys(conversations))
	arg := db.TouchConversationsParams{Ids: ids, Quiet: g.Quiet, TraceLength: traceLength}
	for _, id := range ids {
		arg.TraceParents = append(arg.TraceParents, joinTraces(g.traces[id]))
	}
	if err := g.q.TouchConversations(ctx, arg); err != nil {
		return Grouped{}, fmt.Errorf("have %d conversations judged anew: %w", len(ids), err)
	}
	return Grouped{Messages: len(ids), Conversations: len(ids)}, nil
}

func (g *grouping) upsert(ctx context.Context, conversations []conversation.Conversation, threads map[int64]int64) error {
	if len(conversations) == 0 {
		return nil
	}
	arg := db.UpsertConversationsParams{Quiet: g.Quiet, TraceLength: traceLength}
	for _, c := range conversations {
		arg.Ids, arg.Threads = append(arg.Ids, c.Key), append(arg.Threads, threads[c.Key])
		arg.FirstAt, arg.LastAt = append(arg.FirstAt, c.Messages[0].At), append(arg.LastAt, c.Messages[len(c.Messages)-1].At)
		arg.Messages = append(arg.Messages, int32(len(c.Messages)))
		arg.TraceParents = append(arg.TraceParents, joinTraces(g.tracesOf(c)))
	}
	return g.q.UpsertConversations(ctx, arg)
}

// A conversation keeps the newest traces of its messages: a traceparent has 55 characters.
const (
	maxTraces   = 16
	traceLength = maxTraces*56 - 1
)

// tracesOf are the traces of what arrived in a conversation, in the order of its messages.
func (g *grouping) tracesOf(c conversation.Conversation) []string {
	if len(g.Traces) == 0 {
		return nil
	}
	var traces []string
	for _, m := range c.Messages {
		if trace := g.Traces[m.ID]; trace != "" {
			traces = append(traces, trace)
		}
	}
	return traces
}

func joinTraces(traces []string) string {
	return strings.Join(traces[max(0, len(traces)-maxTraces):], " ")
}

func (g *grouping) assign(ctx context.Context, assignments []conversation.Assignment) error {
	var moved db.SetConversationsParams
	var added db.InsertConversationMessagesParams
	for _, a := range assignments {
		r, isNew := g.new[a.Message]
		if !isNew {
			moved.Ids, moved.ConversationIds = append(moved.Ids, a.Message), append(moved.ConversationIds, a.To)
			continue
		}
		added.Ids, added.Threads, added.SentAt = append(added.Ids, a.Message), append(added.Threads, r.ChatThreadID), append(added.SentAt, r.SentAt)
		added.Positions, added.AuthorIds, added.ReplyTo = append(added.Positions, r.Position), append(added.AuthorIds, r.AuthorID), append(added.ReplyTo, r.ReplyTo)
		added.Opens = append(added.Opens, r.Opens)
		added.MediaGroupIds, added.BurstIds = append(added.MediaGroupIds, r.MediaGroupID), append(added.BurstIds, g.bursts[a.Message])
		added.ConversationIds, added.ContentAt = append(added.ConversationIds, a.To), append(added.ContentAt, r.ContentAt)
		added.ContentVersions = append(added.ContentVersions, r.ContentVersion)
	}
	if len(added.Ids) != len(g.new) {
		return fmt.Errorf("%d of %d new messages got a conversation", len(added.Ids), len(g.new))
	}
	if len(added.Ids) > 0 {
		if err := g.q.InsertConversationMessages(ctx, added); err != nil {
			return err
		}
	}
	if len(moved.Ids) > 0 {
		return g.q.SetConversations(ctx, moved)
	}
	return nil
}

// bury moves what hangs on conversations that have become part of others, and deletes them.
func (g *grouping) bury(ctx context.Context, gone []conversation.Successor) ([]OutboxEvent, error) {
	if len(gone) == 0 {
		return nil, nil
	}
	var keys, heirs []int64
	for _, s := range gone {
		keys, heirs = append(keys, s.Key), append(heirs, s.To)
	}
	var withdrawn []int64
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"tasks", func() error {
			return g.q.MoveConversationTasks(ctx, db.MoveConversationTasksParams{Gone: keys, Heirs: heirs})
		}},
		{"proposals", func() error { return g.q.MoveProposals(ctx, db.MoveProposalsParams{Gone: keys, Heirs: heirs}) }},
		{"proposals that are left over", func() (err error) { withdrawn, err = g.q.WithdrawGoneProposals(ctx, keys); return err }},
		{"attempts", func() error { return g.q.MoveAttempts(ctx, db.MoveAttemptsParams{Gone: keys, Heirs: heirs}) }},
		{"links", func() error { return g.q.MoveTaskLinks(ctx, db.MoveTaskLinksParams{Gone: keys, Heirs: heirs}) }},
		{"links that are left over", func() error { return g.q.DropLostTaskLinks(ctx, keys) }},
		{"corrections", func() error { return g.q.MoveFeedback(ctx, db.MoveFeedbackParams{Gone: keys, Heirs: heirs}) }},
		{"the conversations themselves", func() error { return g.q.DeleteConversations(ctx, keys) }},
	} {
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("move what %d conversations left: %s: %w", len(gone), step.what, err)
		}
	}
	var events []OutboxEvent
	for _, id := range withdrawn {
		row, err := g.q.GetProposal(ctx, id)
		if err != nil {
			return nil, fmt.Errorf("read proposal %d: %w", id, err)
		}
		if err := emitProposal(ctx, g.q, &events, row, nil, []string{"status"}); err != nil {
			return nil, err
		}
	}
	return events, nil
}
