package bus

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/rs/zerolog"
)

// Delivery is one message as a consumer got it.
type Delivery struct {
	Subject string
	Payload []byte
	// Attempt counts the deliveries of this message, this one included.
	Attempt int
	// StoredAt is when the stream took it.
	StoredAt time.Time

	msg   jetstream.Msg
	meta  jetstream.MsgMetadata
	err   error
	trial *trial // of a suspect, once it was read
}

// TraceParent is the trace that the message belongs to (Message.TraceParent).
func (d *Delivery) TraceParent() string {
	if d.msg == nil { // made by hand, in a test of a handler
		return ""
	}
	if values := d.msg.Headers()[HeaderTrace]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Sequence is the message's place in its stream, by which log lines name it.
func (d *Delivery) Sequence() uint64 { return d.meta.Sequence.Stream }

// Fail says that this one message of a batch failed and the others did not: its
// handler returns nil then. The verdicts Permanent and Hold work here too, where a
// Hold comes back like any other error.
func (d *Delivery) Fail(err error) { d.err = err }

// Permanent makes an error a verdict: trying again is pointless, the message becomes
// a dead letter at once.
func Permanent(err error) error { return &permanentError{err} }

// Hold makes an error a verdict: not the message failed, but something that the work
// needs (the database, Telegram). The message stays in hand and is tried again after
// wait (0: after a back-off), for as long as it takes; no attempt is counted. ErrFull
// and ErrUnavailable, as Publish returns them, mean the same without it.
func Hold(err error, wait time.Duration) error { return &holdError{err, wait} }

type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }

type holdError struct {
	err  error
	wait time.Duration
}

func (e *holdError) Error() string { return e.err.Error() }
func (e *holdError) Unwrap() error { return e.err }

func isPermanent(err error) bool {
	_, ok := errors.AsType[*permanentError](err)
	return ok
}

func isHold(err error) (wait time.Duration, ok bool) {
	if isPermanent(err) {
		return 0, false
	}
	if hold, ok := errors.AsType[*holdError](err); ok {
		return hold.wait, true
	}
	return 0, errors.Is(err, ErrUnavailable) || errors.Is(err, ErrFull)
}

// ConsumerConfig is what the consumers of a stream have in common.
type ConsumerConfig struct {
	// Stream is the name of the stream, Durable of the consumer: processes that use the
	// same one share the work.
	Stream, Durable string
	// Subject narrows the consumer to a part of the stream; "" for all of it.
	Subject string
	// Kind names the messages in dead letters.
	Kind string
	// MaxAttempts is how often a message is tried before it becomes a dead letter, 1 or
	// more; 0 means 5. A message that ends the process at each attempt is found too, but
	// none is condemned for what another did: it was alone in its process at least once,
	// and ended at least two. Hold does not count.
	MaxAttempts int
	// RetryBase is the delay after the first failure; it doubles with each, up to
	// RetryMax. 0 means 1 s and 1 min.
	RetryBase, RetryMax time.Duration
	// AckWait is when the broker gives a message of a process that died to another;
	// work in hand is kept by signs of life. 0 means 10 s: what a stop overtook on its way
	// to us waits for it too, and a pause of the process that is longer costs only work
	// done twice.
	AckWait time.Duration
	// Timeout bounds one call of the handler; 0 means 30 s.
	Timeout time.Duration
	// Metrics may be nil.
	Metrics *ConsumerMetrics
}

func (c ConsumerConfig) withDefaults() (ConsumerConfig, error) {
	if c.Stream == "" || c.Durable == "" || c.Kind == "" {
		return c, fmt.Errorf("consumer %q of stream %q needs a stream, a durable name and a kind", c.Durable, c.Stream)
	}
	setDefault(&c.MaxAttempts, 5)
	setDefault(&c.RetryBase, time.Second)
	setDefault(&c.RetryMax, time.Minute)
	setDefault(&c.AckWait, 10*time.Second)
	setDefault(&c.Timeout, 30*time.Second)
	return c, nil
}

func setDefault[T int | time.Duration](value *T, preset T) {
	if *value <= 0 {
		*value = preset
	}
}

// maxAckPending bounds what all copies together have in hand. Above the largest
// number of copies times what each takes (three batches for each that it handles at
// once), so that none starves.
const maxAckPending = 20000

func (c ConsumerConfig) jetstream() jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable:       c.Durable,
		FilterSubject: c.Subject,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       c.AckWait,
		// Unlimited: at a limit the broker keeps the message and never tells anybody.
		// We count ourselves.
		MaxDeliver:    -1,
		MaxAckPending: maxAckPending,
	}
}

// delay is how long a message waits after its attempt-th failure: doubling, and
// spread by half so that what failed together does not come back together.
func (c ConsumerConfig) delay(attempt int) time.Duration {
	d := c.RetryBase
	for range min(attempt-1, 30) {
		if d >= c.RetryMax {
			break
		}
		d *= 2
	}
	d = min(d, c.RetryMax)
	return d/2 + rand.N(d/2+1)
}

// maxHold bounds the pause of a Hold that names none, so that work goes on soon after
// what it needs is back.
const maxHold = 5 * time.Second

func (c ConsumerConfig) holdDelay(holds int) time.Duration {
	return min(c.delay(holds), maxHold)
}

// consumer is what BatchConsumer and JobConsumer share.
type consumer struct {
	bus       *Bus
	cfg       ConsumerConfig
	log       zerolog.Logger
	suspectAt int // the delivery from which on a message is a suspect
	attached  atomic.Bool
}

func (b *Bus) newConsumer(cfg ConsumerConfig, suspectAt int) (*consumer, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	cfg.Metrics.begin(cfg)
	return &consumer{bus: b, cfg: cfg, suspectAt: min(suspectAt, cfg.MaxAttempts+1), log: b.log.With().Str("consumer", cfg.Durable).Logger()}, nil
}

// Ready returns nil while messages reach the consumer.
func (c *consumer) Ready() error {
	if !c.attached.Load() {
		return fmt.Errorf("%w: consumer %s is not attached to stream %s", ErrUnavailable, c.cfg.Durable, c.cfg.Stream)
	}
	return nil
}

func (c *consumer) delivery(m jetstream.Msg) *Delivery {
	d := &Delivery{Subject: m.Subject(), Payload: m.Data(), Attempt: 1, msg: m}
	if meta, err := m.Metadata(); err == nil {
		d.meta, d.Attempt, d.StoredAt = *meta, int(meta.NumDelivered), meta.Timestamp
	}
	return d
}

// protect calls work under the time-out, turns a panic into an error and says where
// work does not heed its context.
func (c *consumer) protect(ctx context.Context, work func(context.Context) error) (err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	stuck := time.AfterFunc(c.cfg.Timeout+stuckAfter, func() {
		c.log.Error().Dur("timeout", c.cfg.Timeout).Msg("handler is stuck: it goes on after its time-out")
	})
	defer stuck.Stop()
	defer func() {
		if p := recover(); p != nil {
			c.log.Error().Interface("panic", p).Bytes("stack", debug.Stack()).Msg("handler panicked")
			err = fmt.Errorf("handler panicked: %v", p)
		}
	}()
	return work(ctx)
}

const (
	stuckAfter = 5 * time.Second
	// stopGrace is how long work in hand may go on once the consumer is to stop.
	stopGrace = 8 * time.Second
)

// graceful returns a context that outlives ctx by stopGrace.
func graceful(ctx context.Context) (context.Context, context.CancelFunc) {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(stopGrace)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-work.Done():
		}
	})
	return work, func() { stop(); cancel() }
}
