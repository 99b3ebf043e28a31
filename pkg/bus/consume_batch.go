package bus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// BatchHandler does the work of a batch, in the order in which it arrived; with a
// Concurrency, of several at once. nil ends
// all messages but those marked by Delivery.Fail. An error fails the batch: it is cut
// in two again and again until the messages that fail do so alone, and each of them is
// delivered again after a delay, or becomes a dead letter at MaxAttempts. The verdicts
// Permanent and Hold apply; see there. Handling a message twice must change nothing.
type BatchHandler func(ctx context.Context, batch []*Delivery) error

// BatchConfig is a consumer that takes messages many at a time.
type BatchConfig struct {
	ConsumerConfig
	// MaxBatch is the largest batch; 0 means 500.
	MaxBatch int
	// Linger is how long a batch waits for more after its first message; 0 means 5 ms.
	Linger time.Duration
	// Concurrency is how many batches may be handled at once; 0 means 1. Only where they are
	// full, which says that more is waiting: what comes in smaller numbers is handled in turn.
	Concurrency int
}

// BatchConsumer consumes a stream in batches.
type BatchConsumer struct {
	*consumer
	maxBatch    int
	linger      time.Duration
	concurrency int
	handle      BatchHandler
}

// NewBatchConsumer makes a consumer; Run starts it.
func (b *Bus) NewBatchConsumer(cfg BatchConfig, handle BatchHandler) (*BatchConsumer, error) {
	base, err := b.newConsumer(cfg.ConsumerConfig, suspectInBatch)
	if err != nil {
		return nil, err
	}
	setDefault(&cfg.MaxBatch, 500)
	setDefault(&cfg.Linger, 5*time.Millisecond)
	setDefault(&cfg.Concurrency, 1)
	return &BatchConsumer{consumer: base, maxBatch: cfg.MaxBatch, linger: cfg.Linger, concurrency: cfg.Concurrency, handle: handle}, nil
}

// Run consumes until ctx ends. What is in hand then is finished within 8 s or handed
// back. A consumer or stream that is deleted is waited for, and made again.
func (c *BatchConsumer) Run(ctx context.Context) {
	work, cancel := graceful(ctx)
	defer cancel()
	c.supervise(ctx, func(ctx context.Context, cons jetstream.Consumer) error {
		return c.session(ctx, work, cons)
	})
	// Acks are written without waiting; the process may be about to close the connection.
	flush, cancelFlush := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancelFlush()
	if err := c.bus.conn.FlushWithContext(flush); err != nil {
		c.log.Debug().Err(err).Msg("could not flush acks; what they were for is delivered again")
	}
}

func (c *BatchConsumer) session(ctx, work context.Context, cons jetstream.Consumer) error {
	// As much comes in advance as is handled at once: a batch that had to wait for more would not be full.
	ahead := c.maxBatch * c.concurrency
	s := &batchSession{
		BatchConsumer: c,
		in:            make(chan *Delivery, ahead),
		lost:          make(chan error, 1),
		over:          make(chan attempt, c.concurrency),
		hand:          make(map[*Delivery]struct{}),
	}
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	var background sync.WaitGroup
	background.Go(func() { c.keepAlive(alive, s.inHand) })
	defer background.Wait()
	defer stop()
	over := make(chan struct{})
	defer close(over)
	var err error
	s.cc, err = c.consume(cons, ahead, s.lost, func(m jetstream.Msg) {
		d := c.delivery(m)
		s.take(d)
		select {
		case s.in <- d:
		case <-over: // only where the session could not wait for the subscription to end
		}
	})
	if err != nil {
		return fmt.Errorf("consume %s: %w", c.cfg.Durable, err)
	}
	s.closed = s.cc.Closed()
	s.run(ctx, work)
	return s.cause
}
