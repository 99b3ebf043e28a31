package bus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// A consumer that was lost is made again, with back-off; a session that held for
	// healthyAfter starts the back-off anew.
	firstRebuild = 100 * time.Millisecond
	maxRebuild   = 5 * time.Second
	healthyAfter = 30 * time.Second

	// The broker gives a sign of life this often; after twice that without, the
	// consumer counts as lost.
	pullHeartbeat = 5 * time.Second
	pullExpiry    = 30 * time.Second
)

// session consumes until ctx ends, nothing is left in hand and it returns nil, or
// until the consumer is lost and it returns why. nil before ctx ends asks for the
// next session at once.
type session func(ctx context.Context, cons jetstream.Consumer) error

// supervise runs one session after another until ctx ends.
func (c *consumer) supervise(ctx context.Context, run session) {
	delay := firstRebuild
	for ctx.Err() == nil {
		began := time.Now()
		err := c.attach(ctx, run)
		if err == nil || ctx.Err() != nil {
			continue
		}
		if time.Since(began) > healthyAfter {
			delay = firstRebuild
		}
		c.cfg.Metrics.rebuilt(c.cfg)
		c.log.Warn().Err(err).Dur("again_in", delay).Msg("lost the consumer, attaching again")
		select {
		case <-ctx.Done():
		case <-time.After(delay/2 + rand.N(delay/2)):
		}
		delay = min(2*delay, maxRebuild)
	}
}

// attach makes the consumer, where it is not there, and runs a session on it.
func (c *consumer) attach(ctx context.Context, run session) error {
	cons, err := c.bus.js.CreateOrUpdateConsumer(ctx, c.cfg.Stream, c.cfg.jetstream())
	if err != nil {
		return fmt.Errorf("make consumer %s of stream %s: %w", c.cfg.Durable, c.cfg.Stream, err)
	}
	c.attached.Store(true)
	defer c.attached.Store(false)
	return run(ctx, cons)
}

// consume starts deliveries to handle, one after another. What says that the consumer
// is lost arrives in lost, a channel of one.
func (c *consumer) consume(cons jetstream.Consumer, atOnce int, lost chan<- error, handle func(jetstream.Msg)) (jetstream.ConsumeContext, error) {
	return cons.Consume(handle,
		jetstream.PullMaxMessages(atOnce),
		jetstream.PullExpiry(pullExpiry),
		jetstream.PullHeartbeat(pullHeartbeat),
		jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) {
			if !isLost(err) {
				c.log.Debug().Err(err).Msg("consumer reported an error that it gets over by itself")
				return
			}
			select {
			case lost <- err:
			default:
			}
		}))
}

func isLost(err error) bool {
	for _, sign := range []error{
		jetstream.ErrConsumerDeleted, jetstream.ErrConsumerNotFound, jetstream.ErrNoHeartbeat,
		jetstream.ErrBadRequest, jetstream.ErrConnectionClosed, nats.ErrNoResponders,
	} {
		if errors.Is(err, sign) {
			return true
		}
	}
	return false
}

// keepAlive gives the broker signs of life for what is in hand, until ctx ends.
func (c *consumer) keepAlive(ctx context.Context, inHand func() []*Delivery) {
	ticker := time.NewTicker(c.cfg.AckWait / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			for _, d := range inHand() {
				_ = d.msg.InProgress() // fails where it has been settled meanwhile
			}
		}
	}
}
