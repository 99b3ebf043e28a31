package hub

import "time"

// A write costs the kernel some 8 µs, nine tenths of what a delivery costs, whether it
// carries one frame or ten; the client pays as much to read it. What comes in while a pass
// is young therefore waits for the next one, the longer the more clients there are, a little
// even with few where events are many, and never longer than maxPace, which is well within
// what "at once" means to people. The first event after a quiet time waits for nothing.
const (
	pacePerClient = 30 * time.Microsecond
	crowdedPace   = 3 * time.Millisecond
	maxPace       = 30 * time.Millisecond
)

// pace is the least time from the start of one pass to that of the next.
func (s *shard) pace() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	pace := time.Duration(len(s.live)*len(s.hub.shards)) * pacePerClient
	if s.recent.crowded() {
		pace = max(pace, crowdedPace)
	}
	return min(pace, maxPace)
}

// tempo knows whether events are many: a thousand a second or more.
type tempo struct {
	began        time.Time // of the window
	frames, last int       // in this window and in the one before
}

const (
	tempoWindow  = 100 * time.Millisecond
	tempoCrowded = 100 // frames in a window
)

func (t *tempo) add(now time.Time, frames int) {
	if age := now.Sub(t.began); age >= tempoWindow {
		t.last = t.frames
		if age >= 2*tempoWindow {
			t.last = 0
		}
		t.began, t.frames = now, 0
	}
	t.frames += frames
}

func (t *tempo) crowded() bool { return max(t.last, t.frames) >= tempoCrowded }
