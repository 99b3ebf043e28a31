package bus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"
)

// settleTimeout bounds what is said to the broker about one message.
const settleTimeout = 5 * time.Second

// What becomes of a delivery, as the metrics name it.
const (
	outcomeDone       = "done"
	outcomeRetry      = "retry"
	outcomeDead       = "dead_letter"
	outcomeHandedBack = "handed_back"
)

// errExhausted is the reason of a message that was the only one in hand each time that
// a process ended.
var errExhausted = errors.New("delivered too often without an outcome: its handling ends the process, or outlasts every time-out")

// settle is the only code that ends a delivery after work. ack is how success is told.
func (c *consumer) settle(ctx context.Context, d *Delivery, err error, ack func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	outcome, fault := outcomeDone, error(nil)
	switch {
	case err == nil:
		fault = ack(ctx)
	case !isPermanent(err) && c.mayRetry(d):
		wait := c.cfg.delay(d.Attempt)
		outcome, fault = outcomeRetry, d.msg.NakWithDelay(wait)
		c.about(c.log.Warn(), d, err).Dur("again_in", wait).Msg("a message failed and is tried again")
	default:
		outcome, fault = c.bury(ctx, d, err)
	}
	c.cfg.Metrics.settled(c.cfg, outcome)
	if fault != nil {
		// The message is delivered again after AckWait, and handling it twice changes nothing.
		c.log.Warn().Err(fault).Str("outcome", outcome).Msg("could not settle a message")
	}
}

// bury makes a dead letter and takes the message off its stream once that is stored;
// where it cannot be stored the message is kept.
func (c *consumer) bury(ctx context.Context, d *Delivery, err error) (outcome string, fault error) {
	attempts := min(d.Attempt, c.cfg.MaxAttempts)
	letter := newDeadLetter(d, c.cfg, attempts, err)
	// One failure is one dead letter, however often it is reported: a sequence number
	// alone would come again in a stream that was made anew.
	id := fmt.Sprintf("dead:%s:%d:%d", c.cfg.Stream, d.meta.Sequence.Stream, d.meta.Timestamp.UnixNano())
	if err := c.bus.PublishDeadLetter(ctx, id, letter); err != nil {
		return outcomeRetry, errors.Join(err, d.msg.NakWithDelay(c.cfg.delay(attempts)))
	}
	c.about(c.log.Error(), d, err).Msg("a message failed for good; it is a dead letter now")
	return outcomeDead, d.msg.TermWithReason(letter.GetReason())
}

// about says which message a line is about, and why it failed, without its content.
func (c *consumer) about(line *zerolog.Event, d *Delivery, err error) *zerolog.Event {
	return line.Str("subject", d.Subject).Uint64("seq", d.Sequence()).Int("attempt", d.Attempt).Str("error", Redact(err.Error()))
}

// handBackDelay keeps a message that is handed back from coming to the same process
// again, whose subscriptions may take a moment to end.
const handBackDelay = time.Second

// handBack gives a message to whoever takes it next.
func (c *consumer) handBack(d *Delivery) {
	c.cfg.Metrics.settled(c.cfg, outcomeHandedBack)
	if err := d.msg.NakWithDelay(handBackDelay); err != nil {
		c.log.Warn().Err(err).Msg("could not hand a message back; it is delivered again after the ack wait")
	}
}
