package conversation_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tasktracker/tasktracker/pkg/conversation"
)

// small are settings under which a few hundred messages meet every bound.
var small = conversation.Settings{
	QuietGap: 10 * time.Minute, BurstGap: 2 * time.Minute, MaxDuration: time.Hour, MaxReplyAge: 3 * time.Hour, MaxMessages: 4,
}

// others are settings at the edges of what is valid.
func others() []conversation.Settings {
	return []conversation.Settings{
		{QuietGap: time.Second, MaxDuration: time.Minute, MaxReplyAge: time.Minute, MaxMessages: 2},
		{QuietGap: 30 * time.Minute, BurstGap: 30 * time.Minute, MaxDuration: time.Hour, MaxReplyAge: 0, MaxMessages: 3},
		{QuietGap: 10 * time.Minute, BurstGap: 0, MaxDuration: 6 * time.Hour, MaxReplyAge: 720 * time.Hour, MaxMessages: 2},
		conversation.Default(),
	}
}

// chat makes a random chat: its density, people, replies and albums vary with the seed.
func chat(r *rand.Rand, n int) []conversation.Message {
	means := []time.Duration{0, time.Millisecond, time.Second, 20 * time.Second, time.Minute, 4 * time.Minute, 9 * time.Minute, time.Hour}
	mean, calm := means[r.IntN(len(means))], r.IntN(30)
	people, replies, albums, opens := 1+r.IntN(6), r.IntN(60), r.IntN(30), r.IntN(40)
	at := time.Date(2026, 3, 28, 23, 0, 0, 0, time.UTC)
	if r.IntN(4) == 0 {
		at = time.Date(1969, 12, 31, 20, 0, 0, 0, time.UTC)
	}
	numbered, album := r.IntN(3) > 0, ""
	var all []conversation.Message
	for i := range n {
		if calm > 0 && r.IntN(calm+1) == 0 {
			at = at.Add(time.Duration(r.Int64N(int64(4 * time.Hour))))
		} else if mean > 0 {
			at = at.Add(time.Duration(r.Int64N(int64(2 * mean))))
		}
		m := conversation.Message{ID: int64(i + 1), At: at.Truncate(time.Microsecond)}
		if numbered {
			m.Position = int64(i + 10)
			m.ID = int64(n - i)
		}
		if author := r.IntN(people + 1); author > 0 {
			m.Author = strconv.Itoa(author)
		}
		if album != "" && r.IntN(3) > 0 {
			m.Album = album
		} else if album = ""; r.IntN(100) < albums {
			album = fmt.Sprint("album ", i)
			m.Album = album
		}
		m.Opens = r.IntN(100) < opens
		if i > 0 && r.IntN(100) < replies {
			m.ReplyTo = all[max(0, i-1-int(r.ExpFloat64()*20))].ID
		}
		if r.IntN(200) == 0 {
			m.ReplyTo = int64(1 + r.IntN(n)) // the future, itself
		}
		all = append(all, m)
	}
	return all
}

// TestOrderOfArrivalDoesNotMatter adds random chats in random orders and batches, reading
// only what the package says is enough, and compares with all of it grouped at once, after
// every batch.
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	t.Parallel()
	for seed := range uint64(80) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 1))
			all := chat(r, 20+r.IntN(100))
			arrivals := append([]conversation.Message(nil), all...)
			switch r.IntN(3) {
			case 0: // any order
				r.Shuffle(len(arrivals), func(i, j int) { arrivals[i], arrivals[j] = arrivals[j], arrivals[i] })
			case 1: // a little late, as with several workers
				for i := range arrivals {
					j := min(len(arrivals)-1, i+r.IntN(6))
					arrivals[i], arrivals[j] = arrivals[j], arrivals[i]
				}
			}
			s := newStore(small)
			if seed%4 == 3 {
				s = newStore(others()[seed/4%4])
			}
			if err := s.Validate(); err != nil {
				t.Fatal(err)
			}
			for len(arrivals) > 0 {
				n := min(len(arrivals), 1+r.IntN(12))
				changes := s.add(t, arrivals[:n])
				arrivals = arrivals[n:]
				want := stored(s.Group(s.sorted()))
				if diff := cmp.Diff(want, s.conversations()); diff != "" {
					t.Fatalf("with %d messages left (-at once +one by one):\n%s", len(arrivals), diff)
				}
				s.checkGone(t, changes)
			}
		})
	}
}

// stored lists the conversation of each message.
func stored(conversations []conversation.Conversation) map[int64]int64 {
	is := map[int64]int64{}
	for _, c := range conversations {
		for _, m := range c.Messages {
			is[m.ID] = c.Key
		}
	}
	return is
}

func (s *store) conversations() map[int64]int64 {
	is := map[int64]int64{}
	for id, m := range s.rows {
		is[id] = m.Conversation
	}
	return is
}

// checkGone holds that exactly the keys that nobody has any more are said to be gone.
func (s *store) checkGone(t *testing.T, changes conversation.Changes) {
	t.Helper()
	used := map[int64]bool{}
	for _, m := range s.rows {
		used[m.Conversation] = true
	}
	gone := map[int64]int64{}
	for _, g := range changes.Gone {
		gone[g.Key] = g.To
		if used[g.Key] {
			t.Errorf("conversation %d is said to be gone, and is not", g.Key)
		}
		if s.rows[g.Key].Conversation != g.To {
			t.Errorf("conversation %d went to %d, not to %d", g.Key, s.rows[g.Key].Conversation, g.To)
		}
	}
	for _, a := range changes.Assignments {
		if a.From != 0 && !used[a.From] && gone[a.From] == 0 {
			t.Errorf("conversation %d is gone, and nothing says so", a.From)
		}
	}
}

// TestBounds holds what every conversation promises.
func TestBounds(t *testing.T) {
	t.Parallel()
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		all := chat(r, 400)
		seen := 0
		for _, c := range small.Group(all) {
			first, last := c.Messages[0], c.Messages[len(c.Messages)-1]
			seen += len(c.Messages)
			if len(c.Messages) > small.MaxMessages {
				t.Errorf("seed %d: a conversation of %d messages", seed, len(c.Messages))
			}
			if c.Key != first.ID {
				t.Errorf("seed %d: key %d, first message %d", seed, c.Key, first.ID)
			}
			if d := last.At.Sub(first.At); d > small.MaxReplyAge+small.MaxDuration {
				t.Errorf("seed %d: a conversation of %v", seed, d)
			}
			for _, m := range c.Messages {
				if m.At.Sub(first.At) > small.MaxDuration && !repliesWithin(c) {
					t.Errorf("seed %d: %v without a reply", seed, m.At.Sub(first.At))
				}
			}
		}
		if seen != len(all) {
			t.Errorf("seed %d: %d of %d messages are in a conversation", seed, seen, len(all))
		}
	}
}

// repliesWithin reports whether a message of c is a reply.
func repliesWithin(c conversation.Conversation) bool {
	for _, m := range c.Messages {
		if m.ReplyTo != 0 {
			return true
		}
	}
	return false
}

// TestReadsLittle holds that a chat that never rests is read a bounded way back only.
func TestReadsLittle(t *testing.T) {
	t.Parallel()
	for _, gap := range []time.Duration{0, time.Second, time.Minute, 5 * time.Minute} {
		s := newStore(small)
		at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		const n = 100
		for i := range int64(n) {
			s.add(t, []conversation.Message{{ID: i + 1, Position: i + 1, At: at, Author: "1"}})
			at = at.Add(gap)
		}
		if perMessage := s.read / n; perMessage > 55 { // 4*2*4+1 before, itself, and two stretches
			t.Errorf("%v apart: %d rows are read for each message", gap, perMessage)
		}
	}
}
