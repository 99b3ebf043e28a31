// Package precedence lets urgent work go before work that can wait, where both share the
// same processors and the same database.
package precedence

import (
	"context"
	"sync/atomic"
	"time"
)

const (
	// calm is how long nothing urgent must have been seen until it counts as over.
	calm = 250 * time.Millisecond
	// longest bounds how long one piece of work that can wait is kept waiting: what is
	// urgent may go on for hours.
	longest = 10 * time.Second
)

// Queue knows when urgent work was last seen. The zero value has seen none; it is safe for
// concurrent use.
type Queue struct {
	working atomic.Int64 // pieces of urgent work under way
	seen    atomic.Int64 // Unix nanoseconds
}

// Urgent says that urgent work is under way until done is called.
func (q *Queue) Urgent() (done func()) {
	q.working.Add(1)
	return func() {
		q.seen.Store(time.Now().UnixNano())
		q.working.Add(-1)
	}
}

// Yield returns when no urgent work has been seen for a while, after ten seconds, or with
// the error of ctx.
func (q *Queue) Yield(ctx context.Context) error {
	deadline := time.Now().Add(longest)
	for {
		now := time.Now()
		wait := time.Unix(0, q.seen.Load()).Add(calm).Sub(now)
		if q.working.Load() > 0 {
			wait = calm
		}
		wait = min(wait, deadline.Sub(now))
		if wait <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}
