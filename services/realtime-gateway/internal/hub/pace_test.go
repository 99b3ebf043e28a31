package hub

import (
	"testing"
	"time"
)

func TestTempo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		every time.Duration
		want  bool
	}{
		"two hundred a second":  {5 * time.Millisecond, false},
		"two thousand a second": {500 * time.Microsecond, true},
	} {
		var events tempo
		now := time.Now()
		for range 1000 {
			events.add(now, 1)
			now = now.Add(c.every)
		}
		if events.crowded() != c.want {
			t.Errorf("%s: crowded is %v", name, !c.want)
		}
		if events.add(now.Add(time.Second), 1); events.crowded() {
			t.Errorf("%s: crowded after a quiet second", name)
		}
	}
}
