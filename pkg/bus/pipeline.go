package bus

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// StreamFigures is what a stream holds at one moment.
type StreamFigures struct {
	Name string
	// Passed counts the messages that it ever took, Held those in it now.
	Passed, Held, Bytes int64
	// Oldest is when the oldest of those held came, Newest when the last was taken; zero for none.
	Oldest, Newest time.Time
	Consumers      []ConsumerFigures
}

// ConsumerFigures is what a consumer has before it at one moment.
type ConsumerFigures struct {
	Name string
	// Waiting is not delivered yet; InHand is delivered and not acknowledged, of which
	// Redelivered more than once.
	Waiting, InHand, Redelivered int64
}

// Pipeline measures the streams, in the order in which a message passes them. One that the
// broker does not answer for is left out, with a line in the log.
func (b *Bus) Pipeline(ctx context.Context) []StreamFigures {
	var all []StreamFigures
	for _, name := range []string{StreamInbound, StreamJobs, StreamEvents, StreamDeadLetter} {
		figures, err := b.streamFigures(ctx, name)
		if err != nil {
			b.log.Warn().Err(err).Str("stream", name).Msg("the stream cannot be measured")
			continue
		}
		all = append(all, figures)
	}
	return all
}

func (b *Bus) streamFigures(ctx context.Context, name string) (StreamFigures, error) {
	stream, err := b.js.Stream(ctx, name)
	if err != nil {
		return StreamFigures{}, classify(err)
	}
	state := stream.CachedInfo().State
	figures := StreamFigures{Name: name, Passed: int64(state.LastSeq), Held: int64(state.Msgs), Bytes: int64(state.Bytes)}
	if state.LastSeq > 0 {
		figures.Newest = state.LastTime
	}
	if state.Msgs > 0 {
		figures.Oldest = state.FirstTime
	}
	consumers := stream.ListConsumers(ctx)
	for info := range consumers.Info() {
		if info.Config.Durable == "" {
			continue // of one process, such as a gateway's
		}
		figures.Consumers = append(figures.Consumers, consumerFigures(info))
	}
	slices.SortFunc(figures.Consumers, func(a, b ConsumerFigures) int { return strings.Compare(a.Name, b.Name) })
	return figures, classify(consumers.Err())
}

func consumerFigures(info *jetstream.ConsumerInfo) ConsumerFigures {
	return ConsumerFigures{Name: info.Name, Waiting: int64(info.NumPending), InHand: int64(info.NumAckPending), Redelivered: int64(info.NumRedelivered)}
}
