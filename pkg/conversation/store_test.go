package conversation_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/conversation"
)

// store keeps messages as a database would, and reads no row more than the package says is
// enough.
type store struct {
	conversation.Settings
	rows map[int64]conversation.Message
	// targets are what messages reply to, stored or not.
	targets map[int64]int64
	// read is the number of rows read so far.
	read int
}

func newStore(s conversation.Settings) *store {
	return &store{Settings: s, rows: map[int64]conversation.Message{}, targets: map[int64]int64{}}
}

// add does what a worker does in one transaction.
func (s *store) add(t *testing.T, batch []conversation.Message) conversation.Changes {
	t.Helper()
	seeds := map[int64]bool{} // messages
	var arrived []conversation.Message
	for _, m := range batch {
		s.targets[m.ID] = m.ReplyTo
		m.ReplyTo = 0
		s.rows[m.ID] = m
	}
	for _, m := range batch {
		if target := s.targets[m.ID]; s.rows[target].ID != 0 {
			s.set(m.ID, func(m *conversation.Message) { m.ReplyTo = target })
		}
		arrived = append(arrived, s.rows[m.ID])
		for id, target := range s.targets { // those that waited for it
			if target == m.ID && s.rows[id].ID != 0 && s.rows[id].ReplyTo == 0 {
				s.set(id, func(m *conversation.Message) { m.ReplyTo = target })
				arrived = append(arrived, s.rows[id])
			}
		}
	}
	for _, m := range arrived {
		seeds[m.ID] = true
	}
	var changed []conversation.Assignment
	for _, span := range s.Spans(arrived) {
		changed = append(changed, s.Bursts(span, s.around(span))...)
	}
	for _, a := range changed {
		s.set(a.Message, func(m *conversation.Message) { m.Burst = a.To })
		seeds[a.Message] = true
		if a.From != 0 {
			seeds[a.From] = true
		}
	}
	changes := s.Conversations(s.trees(seeds))
	for _, a := range changes.Assignments {
		if is := s.rows[a.Message].Conversation; is != a.From {
			t.Errorf("message %d was in %d, not in %d", a.Message, is, a.From)
		}
		s.set(a.Message, func(m *conversation.Message) { m.Conversation = a.To })
	}
	return changes
}

func (s *store) set(id int64, change func(*conversation.Message)) {
	m := s.rows[id]
	change(&m)
	s.rows[id] = m
}

func (s *store) sorted() []conversation.Message {
	all := make([]conversation.Message, 0, len(s.rows))
	for _, m := range s.rows {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b conversation.Message) int {
		return compare(conversation.Place{At: a.At, Position: a.Position, ID: a.ID}, conversation.Place{At: b.At, Position: b.Position, ID: b.ID})
	})
	return all
}

func compare(a, b conversation.Place) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
}

// around reads a span.
func (s *store) around(span conversation.Span) []conversation.Message {
	var before, within, after []conversation.Message
	for _, m := range s.sorted() {
		place := conversation.Place{At: m.At, Position: m.Position, ID: m.ID}
		switch {
		case compare(place, span.First) < 0:
			if !m.At.Before(span.From) {
				before = append(before, m)
			}
		case compare(place, span.Last) <= 0:
			within = append(within, m)
		case !m.At.After(span.To) && len(after) < span.Limit:
			after = append(after, m)
		}
	}
	before = before[max(0, len(before)-span.Limit):]
	rows := slices.Concat(before, within, after)
	s.read += len(rows)
	return rows
}

// trees reads the trees of replies around some messages.
func (s *store) trees(seeds map[int64]bool) []conversation.Message {
	byBurst, replies := map[int64][]conversation.Message{}, map[int64][]int64{}
	conversations := map[int64]bool{}
	for id := range seeds {
		if c := s.rows[id].Conversation; c != 0 {
			conversations[c] = true
		}
	}
	for _, m := range s.rows {
		byBurst[m.Burst] = append(byBurst[m.Burst], m)
		if m.ReplyTo != 0 && m.ID == m.Burst {
			replies[s.rows[m.ReplyTo].Burst] = append(replies[s.rows[m.ReplyTo].Burst], m.Burst)
		}
	}
	bursts := map[int64]bool{}
	var last time.Time
	for _, m := range s.rows {
		if !seeds[m.ID] && !conversations[m.Conversation] {
			continue
		}
		bursts[m.Burst] = true
		if m.ReplyTo != 0 && seeds[m.ID] {
			bursts[s.rows[m.ReplyTo].Burst] = true
		}
		if m.At.After(last) {
			last = m.At
		}
	}
	for range conversation.MaxHops {
		for b := range keys(bursts) {
			if target := s.rows[b].ReplyTo; target != 0 {
				bursts[s.rows[target].Burst] = true
			}
		}
	}
	for range 2 * conversation.MaxHops {
		for b := range keys(bursts) {
			for _, reply := range replies[b] {
				if s.rows[reply].At.Sub(last) <= s.MaxReplyAge {
					bursts[reply] = true
				}
			}
		}
	}
	var rows []conversation.Message
	for b := range bursts {
		rows = append(rows, byBurst[b]...)
	}
	s.read += len(rows)
	return rows
}

// keys copies a set, so that it can grow while its members are looked at.
func keys(set map[int64]bool) map[int64]bool {
	c := make(map[int64]bool, len(set))
	for k := range set {
		c[k] = true
	}
	return c
}
