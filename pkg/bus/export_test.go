package bus

import (
	"context"
	"time"
)

// SetClock makes a budget go by another clock.
func (b *Budget) SetClock(now func() time.Time, pause func(context.Context, time.Duration) error) {
	b.now, b.pause = now, pause
}

// LoseConnection ends the connection, after which there is another.
func (b *Bus) LoseConnection() error { return b.conn.ForceReconnect() }
