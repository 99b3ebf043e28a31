package conversation

import "sort"

// breaks returns for each of the messages, which are in order, whether a cut lies before
// it. Between two cuts are at most MaxDuration and 2*cellMessages messages.
//
// Cutting greedily after so many hours or messages would let a late message move every
// later cut of a chat that never rests. So the cuts of such a chat hang on a fixed grid:
// time is divided into cells of half of MaxDuration, counted from 1970, and one that holds
// more than cellMessages is halved until none does: by time to the microsecond, then by
// position, then by id. A cell that nobody's quiet gap touches is cut at its longest
// silence, the earliest of equals. A message thus moves cuts in its own cell and in the
// two beside it, no further.
func (s Settings) breaks(messages []Message) []bool {
	b := breaker{Settings: s, messages: messages, cut: make([]bool, len(messages))}
	quiet := s.QuietGap.Microseconds()
	for i := range messages {
		b.cut[i] = i == 0 || b.gap(i) > quiet
	}
	size := s.cellSize()
	for i := 0; i < len(messages); {
		low := floorDiv(b.key(i, byTime), size) * size
		end := b.search(i, len(messages), byTime, low+size)
		b.cell(i, end, byTime, low, low+size)
		i = end
	}
	return b.cut
}

type breaker struct {
	Settings
	messages []Message
	cut      []bool
}

// The dimensions by which a cell is halved, the next where one is used up.
const (
	byTime = iota
	byPosition
	byID
	dimensions
)

func (b *breaker) key(i, dimension int) int64 {
	switch m := b.messages[i]; dimension {
	case byTime:
		return m.At.UnixMicro()
	case byPosition:
		return m.Position
	default:
		return m.ID
	}
}

// gap is the silence before message i in microseconds; below 0 inside an album, so that
// any other place to cut is preferred to it.
func (b *breaker) gap(i int) int64 {
	before, m := b.messages[i-1], b.messages[i]
	gap := m.At.UnixMicro() - before.At.UnixMicro()
	if m.Album != "" && m.Album == before.Album && gap <= b.QuietGap.Microseconds() {
		return -1
	}
	return gap
}

// search finds the first of messages [i,j) whose key is at least bound.
func (b *breaker) search(i, j, dimension int, bound int64) int {
	return i + sort.Search(j-i, func(k int) bool { return b.key(i+k, dimension) >= bound })
}

// cell cuts the messages [i,j) that lie in the cell [low,high) of a dimension and are equal
// in the ones before it.
func (b *breaker) cell(i, j, dimension int, low, high int64) {
	switch {
	case j-i <= b.cellMessages() || dimension == dimensions:
		b.leaf(i, j)
	case high-low <= 1:
		b.cell(i, j, dimension+1, 0, 1<<62)
	default:
		middle := low + (high-low)/2
		k := b.search(i, j, dimension, middle)
		b.cell(i, k, dimension, low, middle)
		b.cell(k, j, dimension, middle, high)
	}
}

// leaf cuts [i,j) at its longest silence, unless a quiet gap touches it.
func (b *breaker) leaf(i, j int) {
	if i == j || j == len(b.messages) {
		return // After the last message it is quiet, as far as anybody knows.
	}
	quiet := b.QuietGap.Microseconds()
	longest := i
	for k := i; k <= j; k++ {
		if k == 0 || b.gap(k) > quiet {
			return
		}
		if k < j && b.gap(k) > b.gap(longest) {
			longest = k
		}
	}
	b.cut[longest] = true
}

// floorDiv rounds towards the past, before 1970 too.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
