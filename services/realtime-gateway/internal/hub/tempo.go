package hub

import "time"

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
