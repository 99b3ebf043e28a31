package telegramtest

import (
	"context"
	"sync"
	"time"
)

// clock is the time the server lives in: it starts at the real time, runs speed
// times as fast and can be moved forward.
type clock struct {
	start time.Time
	speed float64

	mu     sync.Mutex
	offset time.Duration
	moved  chan struct{} // closed and replaced by advance
}

func newClock(speed float64) *clock {
	if speed <= 0 {
		speed = 1
	}
	return &clock{start: time.Now(), speed: speed, moved: make(chan struct{})}
}

func (c *clock) now() time.Time {
	now, _ := c.read()
	return now
}

// read returns the time and the channel that is closed when it is next moved.
func (c *clock) read() (time.Time, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	elapsed := time.Duration(float64(time.Since(c.start)) * c.speed)
	return c.start.Add(elapsed + c.offset), c.moved
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	close(c.moved)
	c.moved = make(chan struct{})
}

// sleepUntil returns when the clock has reached t, or with the context's error.
func (c *clock) sleepUntil(ctx context.Context, t time.Time) error {
	for {
		now, moved := c.read()
		left := t.Sub(now)
		if left <= 0 {
			return ctx.Err()
		}
		timer := time.NewTimer(time.Duration(float64(left)/c.speed) + time.Microsecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-moved:
			timer.Stop()
		case <-timer.C:
		}
	}
}

func (c *clock) sleep(ctx context.Context, d time.Duration) error {
	return c.sleepUntil(ctx, c.now().Add(d))
}
