package bus

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// silenceCounts is for how long a publish without an answer counts against the broker.
// Whoever is not ready is sent nothing, and so could not learn that it is over.
const silenceCounts = 15 * time.Second

// silence is the last publish that the broker left without an answer, if none was
// answered since. A server whose disk is full answers no publish and everything else.
type silence struct{ since atomic.Int64 } // Unix time in nanoseconds; 0: none

// note takes in how a publish went.
func (s *silence) note(err error) {
	switch {
	case err == nil, errors.Is(err, ErrFull):
		if s.since.Load() != 0 {
			s.since.Store(0)
		}
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrTimeout):
		s.since.Store(time.Now().UnixNano())
	}
}

// fault is what the silence says about the broker now; nil where it says nothing.
func (s *silence) fault() error {
	since := s.since.Load()
	if since == 0 || time.Since(time.Unix(0, since)) > silenceCounts {
		return nil
	}
	return fmt.Errorf("%w: it does not confirm what is published; is its disk full?", ErrUnavailable)
}
