package bus

import (
	"context"
	"time"
)

// SetClock makes a budget go by another clock.
func (b *Budget) SetClock(now func() time.Time, pause func(context.Context, time.Duration) error) {
	b.now, b.pause = now, pause
}

// LoseConnection ends the connection, after which there is another, and returns once what was
// on its way has been told.
func (b *Bus) LoseConnection() error {
	link := b.link.context()
	if err := b.conn.ForceReconnect(); err != nil {
		return err
	}
	<-link.Done()
	return nil
}
