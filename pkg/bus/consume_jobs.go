package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Handler does the work of one message. nil ends it, any other error brings it back
// after a delay, Permanent and the last of MaxAttempts make it a dead letter, Hold
// keeps it. Handling a message twice must do no harm.
type Handler func(ctx context.Context, d *Delivery) error

// JobConfig is a consumer that handles messages one by one.
type JobConfig struct {
	ConsumerConfig
	// Concurrency is how many are handled at once by this process; 0 means 1.
	Concurrency int
}

// JobConsumer consumes a part of a stream message by message.
type JobConsumer struct {
	*consumer
	concurrency int
	handle      Handler
}

// NewJobConsumer makes a consumer; Run starts it.
func (b *Bus) NewJobConsumer(cfg JobConfig, handle Handler) (*JobConsumer, error) {
	base, err := b.newConsumer(cfg.ConsumerConfig, suspectJob)
	if err != nil {
		return nil, err
	}
	setDefault(&cfg.Concurrency, 1)
	return &JobConsumer{consumer: base, concurrency: cfg.Concurrency, handle: handle}, nil
}

// Run consumes until ctx ends. What is in hand then is finished within 8 s or handed
// back. A consumer or stream that is deleted is waited for, and made again.
func (c *JobConsumer) Run(ctx context.Context) {
	work, cancel := graceful(ctx)
	defer cancel()
	c.supervise(ctx, func(ctx context.Context, cons jetstream.Consumer) error {
		return c.session(ctx, work, cons)
	})
}

// session runs one subscription per slot, each of which asks for its next message when
// it has finished the one before: nothing waits here where another process is idle.
func (c *JobConsumer) session(ctx, work context.Context, cons jetstream.Consumer) error {
	lost := make(chan error, 1)
	// over ends waiting in handlers: at a stop, and where the consumer was lost.
	over, end := context.WithCancel(ctx)
	defer end()
	var slots []jetstream.ConsumeContext
	var cause error
	for range c.concurrency {
		slot, err := c.consume(cons, 1, lost, func(m jetstream.Msg) { c.do(over, work, c.delivery(m)) })
		if err != nil {
			cause = fmt.Errorf("consume %s: %w", c.cfg.Durable, err)
			break
		}
		slots = append(slots, slot)
	}
	if cause == nil {
		cause = await(ctx, lost, slots[0].Closed())
	}
	end()
	for _, slot := range slots {
		slot.Drain()
	}
	for _, slot := range slots {
		select {
		case <-slot.Closed(): // its handler has returned
		case <-work.Done():
		}
	}
	return cause
}

func await(ctx context.Context, lost <-chan error, closed <-chan struct{}) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-lost:
		return err
	case <-closed:
		return jetstream.ErrConnectionClosed
	}
}

// do handles one message to the end.
func (c *JobConsumer) do(over, work context.Context, d *Delivery) {
	if over.Err() != nil {
		c.handBack(d) // sent before the broker heard that we stop
		return
	}
	alive, stop := context.WithCancel(context.WithoutCancel(work))
	var background sync.WaitGroup
	background.Go(func() { c.keepAlive(alive, func() []*Delivery { return []*Delivery{d} }) })
	defer background.Wait()
	defer stop()
	for holds := 1; ; holds++ {
		began := time.Now()
		err := c.once(work, d)
		c.cfg.Metrics.handled(c.cfg, 1, time.Since(began))
		wait, held := isHold(err)
		switch {
		case err != nil && work.Err() != nil, errors.Is(err, errNotTried):
			c.handBack(d)
			return
		case !held:
			// Confirmed, unlike in a batch: doing a job again costs more than a round trip.
			c.settle(work, d, err, d.msg.DoubleAck)
			return
		}
		if !c.hold(over, err, wait, holds) {
			c.handBack(d)
			return
		}
	}
}

// once calls the handler.
func (c *JobConsumer) once(work context.Context, d *Delivery) error {
	call := func() error {
		return c.protect(work, func(ctx context.Context) error { return c.handle(ctx, d) })
	}
	if c.suspect(d) {
		return c.try(work, d, call)
	}
	return c.together(work, call)
}

// hold waits before a message is tried again, and reports whether to.
func (c *JobConsumer) hold(over context.Context, err error, wait time.Duration, holds int) bool {
	if wait <= 0 {
		wait = c.cfg.holdDelay(holds)
	}
	if holds == 1 && !errors.Is(err, context.Canceled) {
		c.log.Warn().Err(err).Dur("wait", wait).Msg("waiting for what the work needs; the job is kept")
	}
	c.cfg.Metrics.holding(c.cfg, 1)
	defer c.cfg.Metrics.holding(c.cfg, -1)
	select {
	case <-over.Done():
		return false
	case <-time.After(wait):
		return true
	}
}
