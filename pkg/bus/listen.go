package bus

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
)

// Listen calls fn with the payload of every event of a subject, and of those below it,
// from when it returns until stop is called, one at a time. Nothing is remembered: who
// must not miss an event consumes the stream.
func (b *Bus) Listen(ctx context.Context, subject string, fn func(payload []byte)) (stop func(), err error) {
	messages := make(chan *nats.Msg, 64) // what does not fit is dropped
	var subscriptions []*nats.Subscription
	quit, done := make(chan struct{}), make(chan struct{})
	stop = func() {
		for _, s := range subscriptions {
			_ = s.Unsubscribe() // an error means that it has ended
		}
		close(quit)
		<-done
	}
	go func() {
		defer close(done)
		for {
			select {
			case m := <-messages:
				fn(m.Data)
			case <-quit:
				return
			}
		}
	}()
	for _, s := range []string{subject, subject + ".>"} {
		subscription, err := b.conn.ChanSubscribe(s, messages)
		if err != nil {
			stop()
			return nil, fmt.Errorf("listen to %s: %w", s, classify(err))
		}
		subscriptions = append(subscriptions, subscription)
	}
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	// The broker has them once it has answered.
	if err := b.conn.FlushWithContext(ctx); err != nil {
		stop()
		return nil, fmt.Errorf("listen to %s: %w", subject, classify(err))
	}
	return stop, nil
}
