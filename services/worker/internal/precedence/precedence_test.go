package precedence_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tasktracker/tasktracker/services/worker/internal/precedence"
)

// yielded measures in the time of synctest, which no other program can slow down.
func yielded(t *testing.T, ctx context.Context, q *precedence.Queue) time.Duration {
	t.Helper()
	began := time.Now()
	if err := q.Yield(ctx); err != nil {
		t.Error(err)
	}
	return time.Since(began)
}

func TestNothingUrgentNoWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q precedence.Queue
		if got := yielded(t, t.Context(), &q); got != 0 {
			t.Errorf("waited %s", got)
		}
		q.Urgent()()
		time.Sleep(time.Second)
		if got := yielded(t, t.Context(), &q); got != 0 {
			t.Errorf("waited %s for what is over", got)
		}
	})
}

func TestUrgentWorkGoesFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q precedence.Queue
		q.Urgent()()
		go func() {
			for range 20 {
				time.Sleep(100 * time.Millisecond)
				q.Urgent()()
			}
		}()
		if got := yielded(t, t.Context(), &q); got != 2250*time.Millisecond {
			t.Errorf("waited %s", got)
		}
	})
}

// However long a piece of urgent work takes, it is not over before it is done.
func TestSlowUrgentWorkIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q precedence.Queue
		done := q.Urgent()
		go func() {
			time.Sleep(2 * time.Second)
			done()
		}()
		if got := yielded(t, t.Context(), &q); got < 2250*time.Millisecond || got > 2500*time.Millisecond {
			t.Errorf("waited %s", got)
		}
	})
}

func TestUrgentWorkWithoutEndIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q precedence.Queue
		ctx, stop := context.WithCancel(t.Context())
		q.Urgent()()
		go func() {
			for ctx.Err() == nil {
				time.Sleep(100 * time.Millisecond)
				q.Urgent()()
			}
		}()
		if got := yielded(t, t.Context(), &q); got != 10*time.Second {
			t.Errorf("waited %s", got)
		}
		stop()
		time.Sleep(time.Second)
		synctest.Wait()
	})
}

func TestYieldEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q precedence.Queue
		q.Urgent()()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := q.Yield(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v", err)
		}
	})
}
