package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

func (g *grouping) arrivedIn() map[int64][]conversation.Message {
	byThread := map[int64][]conversation.Message{}
	for _, rows := range []map[int64]db.ArrivedRow{g.new, g.moved} {
		for _, r := range rows {
			byThread[r.ChatThreadID] = append(byThread[r.ChatThreadID], placed(r))
		}
	}
	return byThread
}

func placed(r db.ArrivedRow) conversation.Message {
	return conversation.Message{ID: r.MessageID, At: r.SentAt, Position: r.Position, Author: r.AuthorID, ReplyTo: r.ReplyTo,
		Album: r.MediaGroupID, Opens: r.Opens, Burst: r.BurstID, Conversation: r.ConversationID}
}

// neighbourhood is a span with its rows.
type neighbourhood struct {
	thread int64
	span   conversation.Span
	rows   []conversation.Message
}

// neighbours reads all spans at once, and adds what is not stored yet.
func (g *grouping) neighbours(ctx context.Context) ([]neighbourhood, error) {
	var all []neighbourhood
	var arg db.SpansParams
	arrived := g.arrivedIn()
	for _, thread := range slices.Sorted(maps.Keys(arrived)) {
		for _, span := range g.Settings.Spans(arrived[thread]) {
			arg.Numbers, arg.Threads, arg.Most = append(arg.Numbers, int32(len(all))), append(arg.Threads, thread), int64(span.Limit)
			arg.FirstAt, arg.FirstPositions, arg.FirstIds = append(arg.FirstAt, span.First.At), append(arg.FirstPositions, span.First.Position), append(arg.FirstIds, span.First.ID)
			arg.LastAt, arg.LastPositions, arg.LastIds = append(arg.LastAt, span.Last.At), append(arg.LastPositions, span.Last.Position), append(arg.LastIds, span.Last.ID)
			arg.FromAt, arg.ToAt = append(arg.FromAt, span.From), append(arg.ToAt, span.To)
			all = append(all, neighbourhood{thread: thread, span: span})
		}
	}
	rows, err := g.q.Spans(ctx, arg)
	if err != nil {
		return nil, fmt.Errorf("read %d neighbourhoods: %w", len(all), err)
	}
	for _, r := range rows {
		n := &all[r.N]
		n.rows = append(n.rows, conversation.Message{ID: r.MessageID, At: r.SentAt, Position: r.Position, Author: r.AuthorID,
			ReplyTo: r.ReplyTo, Album: r.MediaGroupID, Opens: r.Opens, Burst: r.BurstID, Conversation: r.ConversationID})
	}
	for i := range all {
		n := &all[i]
		for _, m := range arrived[n.thread] {
			if _, stored := g.moved[m.ID]; !stored {
				n.rows = append(n.rows, m)
			}
		}
		n.trim()
	}
	return all, nil
}

// trim leaves out what lies outside of the span, beyond its limits.
func (n *neighbourhood) trim() {
	place := func(p conversation.Place) [3]int64 { return [3]int64{p.At.UnixMicro(), p.Position, p.ID} }
	of := func(m conversation.Message) [3]int64 { return [3]int64{m.At.UnixMicro(), m.Position, m.ID} }
	compare := func(a, b [3]int64) int { return slices.Compare(a[:], b[:]) }
	slices.SortFunc(n.rows, func(a, b conversation.Message) int { return compare(of(a), of(b)) })
	first, _ := slices.BinarySearchFunc(n.rows, place(n.span.First), func(m conversation.Message, p [3]int64) int { return compare(of(m), p) })
	last, found := slices.BinarySearchFunc(n.rows, place(n.span.Last), func(m conversation.Message, p [3]int64) int { return compare(of(m), p) })
	if found {
		last++
	}
	low, high := max(0, first-n.span.Limit), min(len(n.rows), last+n.span.Limit)
	for low < first && n.rows[low].At.Before(n.span.From) {
		low++
	}
	for high > last && n.rows[high-1].At.After(n.span.To) {
		high--
	}
	n.rows = n.rows[low:high]
}

// trees reads what Settings.Conversations asks for, by chat and topic, and adds what is not
// stored yet.
func (g *grouping) trees(ctx context.Context) (map[int64][]conversation.Message, error) {
	bursts, until, err := g.seeds(ctx)
	if err != nil {
		return nil, err
	}
	arg := db.ReplyTreesParams{BurstIds: slices.Sorted(maps.Keys(bursts)), HopsUp: conversation.MaxHops, HopsDown: 2 * conversation.MaxHops}
	for thread, last := range until {
		arg.Threads, arg.Until = append(arg.Threads, thread), append(arg.Until, last.Add(g.Settings.MaxReplyAge))
	}
	stored, err := g.q.ReplyTrees(ctx, arg)
	if err != nil {
		return nil, err
	}
	rows := map[int64][]conversation.Message{}
	for _, r := range stored {
		rows[r.ChatThreadID] = append(rows[r.ChatThreadID], conversation.Message{ID: r.MessageID, At: r.SentAt, Position: r.Position,
			Author: r.AuthorID, ReplyTo: r.ReplyTo, Album: r.MediaGroupID, Opens: r.Opens, Burst: r.BurstID, Conversation: r.ConversationID})
	}
	for id, r := range g.new {
		m := placed(r)
		if m.Burst = g.bursts[id]; m.Burst == 0 {
			return nil, fmt.Errorf("message %d got no burst", id)
		}
		rows[r.ChatThreadID] = append(rows[r.ChatThreadID], m)
	}
	return rows, nil
}

// seeds are the bursts from which the trees are read, and when the last of their messages
// was sent, by chat and topic.
func (g *grouping) seeds(ctx context.Context) (bursts map[int64]bool, until map[int64]time.Time, err error) {
	bursts, until = map[int64]bool{}, map[int64]time.Time{}
	see := func(thread, burst int64, at time.Time) {
		bursts[burst] = true
		if at.After(until[thread]) {
			until[thread] = at
		}
	}
	look := map[int64]bool{} // stored messages whose bursts are seeds
	for id := range g.from {
		look[id] = true
	}
	for id, r := range g.new {
		see(r.ChatThreadID, g.bursts[id], r.SentAt)
		look[r.ReplyTo] = true
	}
	for id := range g.bursts {
		look[id] = true
	}
	for id, r := range g.moved {
		look[id], look[r.ReplyTo] = true, true
	}
	for id := range g.new {
		delete(look, id)
	}
	delete(look, 0)
	if len(look) == 0 {
		return bursts, until, nil
	}
	places, err := g.q.GroupedPlaces(ctx, slices.Sorted(maps.Keys(look)))
	if err != nil {
		return nil, nil, err
	}
	conversations := map[int64]bool{}
	for _, p := range places {
		see(p.ChatThreadID, p.BurstID, p.SentAt)
		conversations[p.ConversationID] = true
	}
	members, err := g.q.BurstsOfConversations(ctx, slices.Sorted(maps.Keys(conversations)))
	for _, m := range members {
		see(m.ChatThreadID, m.BurstID, m.LastAt)
	}
	return bursts, until, err
}
