package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/channel"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// streamIngest stands in a dead letter for the stream that it never reached.
const streamIngest = "INGEST"

// keepNotUnderstood keeps an update whose shape is not known, to be handled by a
// version that knows it.
func (r *receiver) keepNotUnderstood(ctx context.Context, d *delivery, why error) error {
	if err := r.deadLetter(ctx, d.bot, d.body, why); err != nil {
		return err
	}
	r.metrics.updates.WithLabelValues(d.update.Kind, "dead_letter").Inc()
	return nil
}

// deadLetter keeps a delivery that cannot be handled, byte for byte. (What the broker
// takes in one message bounds it: bus.PublishDeadLetter marks what it had to cut.)
func (r *receiver) deadLetter(ctx context.Context, bot string, body []byte, why error) error {
	kind := r.adapter.Name() + "_update"
	// What cannot be read may carry any id, so the whole body tells it apart.
	sum := sha256.Sum256(body)
	id := "dead:" + r.adapter.Name() + ":" + bot + ":" + hex.EncodeToString(sum[:16])
	ctx, cancel := context.WithTimeout(ctx, publishTimeout)
	defer cancel()
	start := time.Now()
	err := r.bus.PublishDeadLetter(ctx, id, &eventsv1.DeadLetter{
		Stream: streamIngest, Kind: kind, Reason: why.Error(), Attempts: 1, FailedAt: timestamppb.New(start), Payload: body,
	})
	r.metrics.publishSeconds.Observe(time.Since(start).Seconds())
	if err != nil {
		return err
	}
	r.metrics.deadLetters.Inc()
	return nil
}

// storeWithoutRaw stores a message that is too large for the broker because its raw
// form is beside it: the message alone, and the whole update as a dead letter, so that
// nothing is lost. Telegram's updates, of 512 KiB at most, fit into NATS's 1 MiB.
func (r *receiver) storeWithoutRaw(ctx context.Context, d *delivery, why error) error {
	if err := r.deadLetter(ctx, d.bot, d.body, why); err != nil {
		return err
	}
	if d.update.Verdict != channel.Store {
		return nil
	}
	slim := *d
	slim.update.Message = proto.CloneOf(d.update.Message)
	slim.update.Message.Raw = nil
	messages, err := r.messages(&slim)
	if err != nil {
		return err
	}
	if err := r.publish(ctx, messages); err != nil && !errors.Is(err, bus.ErrTooLarge) {
		return fmt.Errorf("store without the raw form: %w", err)
	}
	return nil // what is too large even so is the dead letter alone
}
