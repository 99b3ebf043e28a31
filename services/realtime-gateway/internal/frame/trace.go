package frame

import (
	"sync/atomic"

	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

// Trace is the span of an event whose trace is sampled: it ends when the frame has been
// written to every client that was not behind. There is one for each event, however many
// clients get it. A nil Trace does nothing.
type Trace struct {
	span    *telemetry.Span
	left    atomic.Int32
	clients atomic.Int64
}

// NewTrace is nil for a nil span.
func NewTrace(span *telemetry.Span) *Trace {
	if span == nil {
		return nil
	}
	return &Trace{span: span}
}

// Begin says how many calls of Written end the span.
func (t *Trace) Begin(groups int) {
	if t != nil {
		t.left.Store(int32(groups))
	}
}

// Written says that one group of clients has been served: so many of it wanted the frame.
func (t *Trace) Written(clients int) {
	if t == nil {
		return
	}
	sum := t.clients.Add(int64(clients))
	if t.left.Add(-1) == 0 {
		t.span.SetInt("clients", sum)
		t.span.End(nil, "")
	}
}
