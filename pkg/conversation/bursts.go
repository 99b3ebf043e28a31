package conversation

import "time"

// Assignment says that a message's key is to be written.
type Assignment struct {
	Message int64
	// From is what is stored, 0 for nothing yet; To is the new key: the ID of the first
	// message of the burst or conversation.
	From, To int64
}

// Span is a neighbourhood that must be read when messages have arrived. Its rows are those
// of the chat and topic, in the order (sent_at, position, id),
//
//   - from First to Last, all of them;
//   - before First, the nearest Limit of them that are not sent before From;
//   - after Last, the nearest Limit of them that are not sent after To.
type Span struct {
	First, Last Place
	From, To    time.Time
	Limit       int
}

// Place is where a message stands in its chat and topic.
type Place struct {
	At           time.Time
	Position, ID int64
}

// Spans returns what to read around messages that have arrived, oldest first; messages that
// arrived at most BurstGap apart share one. The bounds follow from breaks: an arrival moves
// cuts in its cell and in those beside it; the outermost stretch between cuts reaches into
// one cell more, and for that to be known for certain a further cell's number of messages
// must be seen, with the message before it. In time that is two cells of the grid, which
// are MaxDuration, and a quiet gap.
func (s Settings) Spans(arrived []Message) []Span {
	var spans []Span
	for _, m := range sorted(arrived) {
		place := Place{m.At, m.Position, m.ID}
		if n := len(spans); n > 0 && m.At.Sub(spans[n-1].Last.At) <= s.BurstGap {
			spans[n-1].Last = place
		} else {
			spans = append(spans, Span{First: place, Last: place, Limit: 4*s.cellMessages() + 1})
		}
	}
	for i := range spans {
		low, high := s.trustedTimes(spans[i])
		spans[i].From = time.UnixMicro(low - s.QuietGap.Microseconds()).In(time.UTC)
		spans[i].To = time.UnixMicro(high + s.QuietGap.Microseconds()).In(time.UTC)
	}
	return spans
}

// trustedTimes are the times, in microseconds, from the first to before the second, within
// which lies whatever an arrival in the span can change.
func (s Settings) trustedTimes(span Span) (low, high int64) {
	size := s.cellSize()
	low = (floorDiv(span.First.At.UnixMicro(), size) - 2) * size
	high = (floorDiv(span.Last.At.UnixMicro(), size) + 3) * size
	return low, high
}

// Bursts returns which messages of a span have another burst than the one stored with
// them, given the span's rows in any order. It takes O(n log n) time for n rows.
func (s Settings) Bursts(span Span, rows []Message) []Assignment {
	messages := sorted(rows)
	first, last := Message{}, Message{}
	first.At, first.Position, first.ID = span.First.At, span.First.Position, span.First.ID
	last.At, last.Position, last.ID = span.Last.At, span.Last.Position, span.Last.ID
	before, after := 0, 0
	for _, m := range messages {
		if order(m, first) < 0 {
			before++
		}
		if order(m, last) > 0 {
			after++
		}
	}
	// What an arrival can change, in messages and in time.
	from, to := before-3*s.cellMessages(), len(messages)-after+3*s.cellMessages()
	low, high := s.trustedTimes(span)

	var changed []Assignment
	for i, j := range s.stretches(messages) {
		if i < from || j > to || messages[i].At.UnixMicro() < low || messages[j-1].At.UnixMicro() >= high {
			continue
		}
		for k, key := range s.join(messages[i:j]) {
			if m := messages[i+k]; m.Burst != key {
				changed = append(changed, Assignment{Message: m.ID, From: m.Burst, To: key})
			}
		}
	}
	return changed
}

// stretches yields the bounds of what lies between two cuts.
func (s Settings) stretches(messages []Message) func(yield func(i, j int) bool) {
	return func(yield func(i, j int) bool) {
		cut := s.breaks(messages)
		for i, j := 0, 0; i < len(messages); i = j {
			for j = i + 1; j < len(messages) && !cut[j]; {
				j++
			}
			if !yield(i, j) {
				return
			}
		}
	}
}

// open is a burst that messages may still join.
type open struct {
	key, replyTo int64
	last         time.Time
	speaker      string // who spoke last
	subject      bool   // it begins with a message that opens a subject
	authors      map[string]bool
}

// join returns the burst of each message of one stretch.
func (s Settings) join(messages []Message) []int64 {
	keys := make([]int64, len(messages))
	bursts := map[int64]*open{}  // by the ID of each message so far
	albums := map[string]*open{} // by album
	var newest []*open           // the one that was spoken in last at the end
	for i, m := range messages {
		b := s.choose(m, bursts, albums, newest)
		if b == nil {
			b = &open{key: m.ID, replyTo: m.ReplyTo, subject: m.Opens, authors: map[string]bool{}}
		} else {
			newest = without(newest, b)
		}
		b.last, b.speaker = m.At, m.Author
		newest = append(newest, b)
		bursts[m.ID] = b
		if m.Author != "" {
			b.authors[m.Author] = true
		}
		if m.Album != "" {
			albums[m.Album] = b
		}
		keys[i] = b.key
	}
	return keys
}

// choose returns the burst that a message joins, nil for one of its own.
func (s Settings) choose(m Message, bursts map[int64]*open, albums map[string]*open, newest []*open) *open {
	if b := albums[m.Album]; b != nil {
		return b
	}
	if m.ReplyTo != 0 {
		if b := bursts[m.ReplyTo]; b != nil {
			return b
		}
		for _, b := range newest {
			if b.replyTo == m.ReplyTo { // both reply to one message of before
				return b
			}
		}
		return nil
	}
	if m.Opens {
		if n := len(newest); n > 0 && m.Author != "" && newest[n-1].speaker == m.Author && m.At.Sub(newest[n-1].last) <= s.BurstGap {
			return newest[n-1]
		}
		return nil
	}
	var just *open // what anybody joins
	if n := len(newest); n > 0 && m.At.Sub(newest[n-1].last) <= s.BurstGap {
		just = newest[n-1]
	}
	gap := s.QuietGap
	if just != nil && just.subject { // rather that than what its author spoke of minutes ago
		gap = s.BurstGap
	}
	if b := spokenIn(newest, m, gap); b != nil {
		return b
	}
	return just
}

// spokenIn is the newest burst in which the author of a message spoke, and somebody so recently.
func spokenIn(newest []*open, m Message, gap time.Duration) *open {
	for i := len(newest) - 1; i >= 0 && m.At.Sub(newest[i].last) <= gap; i-- {
		if newest[i].authors[m.Author] {
			return newest[i]
		}
	}
	return nil
}

// without removes one burst and keeps the order of the others.
func without(bursts []*open, b *open) []*open {
	for i := len(bursts) - 1; i >= 0; i-- {
		if bursts[i] == b {
			return append(bursts[:i], bursts[i+1:]...)
		}
	}
	return bursts
}
