package feed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/hub"
)

const (
	pullMessages = 2048             // asked for at a time
	pullExpiry   = 10 * time.Second // of a request
	heartbeat    = 2 * time.Second  // a consumer that misses two is lost
	askTimeout   = 5 * time.Second  // for an answer of the broker
	inactive     = 30 * time.Second // after which the broker removes a consumer that nobody reads
	portion      = 256              // events of one Read
	portionBytes = 256 << 10
)

// newConsumer makes a consumer of everything after seq. It acknowledges nothing
// and lives in the broker's memory: its position is ours to remember.
func newConsumer(ctx context.Context, stream jetstream.Stream, seq uint64) (jetstream.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	consumer, err := stream.CreateConsumer(ctx, jetstream.ConsumerConfig{
		Description:       "realtime-gateway",
		DeliverPolicy:     jetstream.DeliverByStartSequencePolicy,
		OptStartSeq:       seq + 1,
		AckPolicy:         jetstream.AckNonePolicy,
		MaxDeliver:        1,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: inactive,
	})
	if err != nil {
		return nil, fmt.Errorf("make a consumer after %d: %w", seq, err)
	}
	return consumer, nil
}

// deleteConsumer spares the broker the wait until the consumer is seen to be
// inactive. Where it fails that wait does it.
func deleteConsumer(ctx context.Context, stream jetstream.Stream, consumer jetstream.Consumer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = stream.DeleteConsumer(ctx, consumer.CachedInfo().Name)
}

// Bounds implements hub.Source.
func (f *Feed) Bounds(ctx context.Context) (oldest, newest uint64, err error) {
	stream, err := f.broker.Stream(ctx, f.stream)
	if err != nil {
		return 0, 0, fmt.Errorf("look at the stream: %w", err)
	}
	oldest, newest = bounds(stream.CachedInfo().State)
	return oldest, newest, nil
}

// Read implements hub.Source: a portion of 256 events, or of 256 KiB.
func (f *Feed) Read(ctx context.Context, after, upTo uint64) ([]frame.Frame, error) {
	stream, err := f.broker.Stream(ctx, f.stream)
	if err != nil {
		return nil, fmt.Errorf("look at the stream: %w", err)
	}
	oldest, _ := bounds(stream.CachedInfo().State)
	f.mu.Lock()
	anew := !stream.CachedInfo().Created.Equal(f.created)
	f.mu.Unlock()
	if after+1 < oldest || anew {
		return nil, hub.ErrGone
	}
	consumer, err := newConsumer(ctx, stream, after)
	if err != nil {
		return nil, err
	}
	defer deleteConsumer(ctx, stream, consumer)
	batch, err := consumer.Fetch(int(min(upTo-after, portion)), jetstream.FetchMaxWait(askTimeout))
	if err != nil {
		return nil, fmt.Errorf("read events after %d: %w", after, err)
	}
	return f.collect(batch, after)
}

// collect encodes a batch as far as it is without a gap. What is beyond
// portionBytes is left to the next Read.
func (f *Feed) collect(batch jetstream.MessageBatch, after uint64) ([]frame.Frame, error) {
	var frames []frame.Frame
	size := 0
	for m := range batch.Messages() {
		meta, err := m.Metadata()
		if err != nil {
			return nil, fmt.Errorf("read events after %d: %w", after, err)
		}
		if size > portionBytes {
			continue // the channel has to be emptied
		}
		if meta.Sequence.Stream != after+1 {
			if len(frames) > 0 {
				size = portionBytes + 1
				continue
			}
			return nil, hub.ErrGone
		}
		after++
		event, err := frame.Event(after, m.Data(), meta.Timestamp)
		if err != nil {
			event = frame.Frame{Seq: after} // counted and logged when it came
		}
		size += len(event.Wire)
		frames = append(frames, event)
	}
	if len(frames) == 0 {
		return nil, fmt.Errorf("read events after %d: %w", after, errors.Join(batch.Error(), errors.New("the broker gave none")))
	}
	return frames, nil
}
