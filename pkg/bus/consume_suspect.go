package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// A message that came back is a suspect: handling it may be what ended the process that
// had it. Deliveries alone prove nothing, since whatever else was in that process's hands
// came back with it, and again each time the killer struck. So a suspect is tried alone,
// and a record of the trial outlives the process: what is condemned was being handled,
// and nothing else with it, each time that a process ended.
//
//	tried with others ──came back──▶ recorded ──did not return──▶ alone in the process ──did not return, limit──▶ dead letter
//	                                    └──returned──▶ done, retried or held, as any other

const (
	// BucketSuspects is the key-value bucket with the records of trials.
	BucketSuspects = "suspects"
	// suspectTTL is how long a record outlives its trial, where nobody erases it. Long
	// after any back-off; what it takes is a hundred bytes.
	suspectTTL = 7 * 24 * time.Hour
	// suspectInBatch and suspectJob are the delivery from which on a message is a suspect.
	// In batches the first two are mostly innocent: handed back at a stop, or in hand when
	// something else failed.
	suspectInBatch = 3
	suspectJob     = 2
	// leastDeaths is how often a suspect must have ended its process before it is
	// condemned, whatever MaxAttempts says: once may be kill -9 from outside.
	leastDeaths = 2
	// aloneWithin bounds how long a suspect waits for other handlers to return, and
	// keeps new ones waiting. One that is not alone by then is handed back.
	aloneWithin = 2 * time.Second
	// handlersAtOnce is more than a process runs.
	handlersAtOnce = 1 << 20
)

// trial is what is known of a suspect.
type trial struct {
	// Deaths counts the calls of the handler that did not return.
	Deaths int `json:"deaths"`
	// Failures counts those that returned an error.
	Failures int `json:"failures"`
}

// errNotTried says that a suspect could not be tried now: it is handed back.
var errNotTried = errors.New("suspect was not tried")

// suspect reports whether a delivery must be handled by try.
func (c *consumer) suspect(d *Delivery) bool { return d.Attempt >= c.suspectAt }

// failureLimit is how many recorded failures make a dead letter: deliveries before the
// record count as failures, though they may have been none.
func (c *consumer) failureLimit() int { return max(1, c.cfg.MaxAttempts-(c.suspectAt-1)) }

func (c *consumer) deathLimit() int { return max(leastDeaths, c.failureLimit()) }

// mayRetry reports whether a message that has just failed is tried again.
func (c *consumer) mayRetry(d *Delivery) bool {
	if d.trial == nil {
		return d.Attempt < c.cfg.MaxAttempts
	}
	return d.trial.Failures < c.failureLimit()
}

// together runs work beside other handlers of the process.
func (c *consumer) together(ctx context.Context, work func() error) error {
	if err := c.bus.handlers.Acquire(ctx, 1); err != nil {
		return err
	}
	defer c.bus.handlers.Release(1)
	return work()
}

// alone runs work while no other handler of the process runs.
func (c *consumer) alone(ctx context.Context, work func() error) error {
	wait, cancel := context.WithTimeout(ctx, aloneWithin)
	defer cancel()
	if err := c.bus.handlers.Acquire(wait, handlersAtOnce); err != nil {
		return fmt.Errorf("%w: others are being handled: %w", errNotTried, err)
	}
	defer c.bus.handlers.Release(handlersAtOnce)
	return work()
}

// try handles a suspect, with the record kept around it. It returns what handle does,
// errExhausted for one that must not be tried any more, or errNotTried.
func (c *consumer) try(ctx context.Context, d *Delivery, handle func() error) error {
	kv, err := c.suspects(ctx)
	if err != nil {
		return errors.Join(errNotTried, err)
	}
	key := fmt.Sprintf("%s.%s.%d.%d", token(c.cfg.Stream), token(c.cfg.Durable), d.meta.Sequence.Stream, d.meta.Timestamp.UnixNano())
	if d.trial, err = readTrial(ctx, kv, key); err != nil {
		return errors.Join(errNotTried, err)
	}
	if d.trial.Deaths >= c.deathLimit() {
		c.write(ctx, kv, key, trial{})
		return Permanent(errExhausted)
	}
	run := c.together
	if d.trial.Deaths > 0 {
		c.log.Warn().Int("deaths", d.trial.Deaths).Uint64("seq", d.meta.Sequence.Stream).
			Msg("a message was in hand when the process ended, trying it alone")
		run = c.alone
	}
	return run(ctx, func() error {
		begun := trial{Deaths: d.trial.Deaths + 1, Failures: d.trial.Failures}
		if err := writeTrial(ctx, kv, key, begun); err != nil {
			return errors.Join(errNotTried, err)
		}
		err := handle()
		// What Fail marks counts as a failure, whatever its verdict: see there.
		if _, held := isHold(err); err != nil && (!held || d.err != nil) && ctx.Err() == nil {
			d.trial.Failures++
		}
		if err == nil || isPermanent(err) || !c.mayRetry(d) {
			c.write(ctx, kv, key, trial{})
		} else {
			c.write(ctx, kv, key, *d.trial)
		}
		return err
	})
}

// suspects opens the bucket, which is made where it is first needed, with as many
// replicas as the stream has.
func (c *consumer) suspects(ctx context.Context) (jetstream.KeyValue, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	kv, err := c.bus.js.KeyValue(ctx, BucketSuspects)
	if !errors.Is(err, jetstream.ErrBucketNotFound) {
		return kv, err
	}
	stream, err := c.bus.js.Stream(ctx, c.cfg.Stream)
	if err != nil {
		return nil, fmt.Errorf("look at stream %s: %w", c.cfg.Stream, err)
	}
	kv, err = c.bus.EnsureBucket(ctx, jetstream.KeyValueConfig{
		Bucket: BucketSuspects, Description: "messages that may have ended a process",
		TTL: suspectTTL, Replicas: stream.CachedInfo().Config.Replicas,
	})
	if err != nil {
		return nil, fmt.Errorf("make bucket %s: %w", BucketSuspects, err)
	}
	return kv, nil
}

func readTrial(ctx context.Context, kv jetstream.KeyValue, key string) (*trial, error) {
	ctx, cancel := context.WithTimeout(ctx, settleTimeout)
	defer cancel()
	entry, err := kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return new(trial), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the record of a suspect: %w", err)
	}
	record := new(trial)
	if err := json.Unmarshal(entry.Value(), record); err != nil {
		return nil, fmt.Errorf("read the record of a suspect: %w", err)
	}
	return record, nil
}

// writeTrial writes a record, or removes one that says nothing. It returns once the
// broker has it: what the connection carried before, acks included, has arrived too.
func writeTrial(ctx context.Context, kv jetstream.KeyValue, key string, record trial) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	if record == (trial{}) {
		if err := kv.Delete(ctx, key); err != nil {
			return fmt.Errorf("remove the record of a suspect: %w", err)
		}
		return nil
	}
	value, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if _, err := kv.Put(ctx, key, value); err != nil {
		return fmt.Errorf("write the record of a suspect: %w", err)
	}
	return nil
}

// write is writeTrial after the work, where nothing depends on it: a record that says a
// death too many is outvoted by deathLimit.
func (c *consumer) write(ctx context.Context, kv jetstream.KeyValue, key string, record trial) {
	if err := writeTrial(ctx, kv, key, record); err != nil {
		c.log.Warn().Err(err).Msg("could not keep the record of a suspect")
	}
}
