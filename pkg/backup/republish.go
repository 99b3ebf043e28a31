package backup

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

const (
	// publishAhead is how many messages are published before their acks are waited for.
	publishAhead = 256

	// eventsAhead is how far behind the last event of a backup the events begin anew. A
	// page that saw what came after the backup must not take a new event for a seen one;
	// it is told to reload. At the line's highest rate this is some weeks of events.
	eventsAhead = 1 << 32
)

// lastSequence is that of a stream, 0 where there is none.
func lastSequence(ctx context.Context, b *bus.Bus, name string) (uint64, error) {
	stream, err := b.JetStream().Stream(ctx, name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look at stream %s: %w", name, err)
	}
	return stream.CachedInfo().State.LastSeq, nil
}

// waiting counts what would be lost if the streams were emptied.
func waiting(ctx context.Context, b *bus.Bus) (uint64, error) {
	var n uint64
	for _, name := range dataStreams {
		stream, err := b.JetStream().Stream(ctx, name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("look at stream %s: %w", name, err)
		}
		n += stream.CachedInfo().State.Msgs
	}
	return n, nil
}

// renewStreams makes every stream anew: an emptied one would go on to drop what has an
// id that it remembers, and the restored database counts on from old numbers.
func renewStreams(ctx context.Context, to Place, eventsSequence uint64) error {
	last, err := lastSequence(ctx, to.Bus, bus.StreamEvents)
	if err != nil {
		return err
	}
	for _, name := range append([]string{bus.StreamEvents, streamSettings}, dataStreams...) {
		if err := to.Bus.JetStream().DeleteStream(ctx, name); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("delete stream %s: %w", name, err)
		}
	}
	if err := to.Bus.EnsureStreams(ctx, to.Streams); err != nil {
		return err
	}
	events, err := to.Bus.JetStream().Stream(ctx, bus.StreamEvents)
	if err == nil {
		err = events.Purge(ctx, jetstream.WithPurgeSequence(max(last, eventsSequence)+eventsAhead))
	}
	if err != nil {
		return fmt.Errorf("set the sequence of stream %s: %w", bus.StreamEvents, err)
	}
	return nil
}

// publisher publishes messages in order and waits for every ack.
type publisher struct {
	js      jetstream.JetStream
	pending []jetstream.PubAckFuture
}

func (p *publisher) publish(ctx context.Context, m *nats.Msg) error {
	future, err := p.js.PublishMsgAsync(m, jetstream.WithRetryAttempts(0))
	if err != nil {
		return fmt.Errorf("publish to %s: %w", m.Subject, err)
	}
	p.pending = append(p.pending, future)
	if len(p.pending) < publishAhead {
		return nil
	}
	return p.wait(ctx)
}

func (p *publisher) wait(ctx context.Context) error {
	for _, future := range p.pending {
		select {
		case <-future.Ok(): // a repeat of an id that we have just published too
		case err := <-future.Err():
			return fmt.Errorf("publish to %s: %w", future.Msg().Subject, err)
		case <-ctx.Done():
			return fmt.Errorf("publish to %s: %w", future.Msg().Subject, context.Cause(ctx))
		}
	}
	p.pending = p.pending[:0]
	return nil
}

// republish publishes the messages of a stream, under their ids, and returns how many.
func republish(ctx context.Context, b *bus.Bus, name string, in io.Reader, progress Progress) (n int64, err error) {
	p := &publisher{js: b.JetStream()}
	err = readMessages(in, func(m message) error {
		n++
		progress.tell("stream "+name+", messages", n)
		return p.publish(ctx, m.forPublishing())
	})
	if err == nil {
		err = p.wait(ctx)
	}
	return n, err
}
