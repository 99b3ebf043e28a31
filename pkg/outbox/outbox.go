// Package outbox brings events that the store wrote beside a change (store.OutboxEvent)
// to the bus: Publisher at once, from the process that made the change, and Relay, run
// by every worker, whatever Publisher did not bring out. Both publish under the row's
// own id, so that the bus keeps one; rows leave the outbox once the bus has them.
package outbox

import (
	"cmp"
	"context"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/pkg/telemetry"
)

// Broker is the part of bus.Bus that publishing takes.
type Broker interface {
	Publish(ctx context.Context, messages ...bus.Message) error
}

// Marker is the part of store.Store that a Publisher takes.
type Marker interface {
	MarkPublished(ctx context.Context, ids []int64) error
}

var (
	_ Broker = (*bus.Bus)(nil)
	_ Marker = (*store.Store)(nil)
)

// publishTimeout bounds how long a caller that has committed waits for the bus.
const publishTimeout = 2 * time.Second

// Publisher brings events out right after the commit.
type Publisher struct {
	broker Broker
	store  Marker
	log    zerolog.Logger
}

// NewPublisher returns a Publisher; it holds nothing open.
func NewPublisher(broker Broker, marker Marker, log zerolog.Logger) *Publisher {
	return &Publisher{broker: broker, store: marker, log: log}
}

// Publish brings out what a change of the store wrote, in order. The end of ctx, such as
// of a request whose caller has gone, does not stop it; it takes at most 2 s. What fails
// is logged and left to the relay.
func (p *Publisher) Publish(ctx context.Context, events []store.OutboxEvent) {
	if len(events) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTimeout)
	defer cancel()
	span := telemetry.FromContext(ctx).Publish("publish")
	out := messages(events)
	for i := range out {
		out[i].TraceParent = cmp.Or(out[i].TraceParent, span.TraceParent())
	}
	err := p.broker.Publish(ctx, out...)
	span.End(err, "left in the outbox")
	if err != nil {
		p.log.Warn().Err(err).Int("events", len(events)).Msg("events stay in the outbox, for the relay")
		return
	}
	if err := p.store.MarkPublished(ctx, ids(events)); err != nil {
		p.log.Warn().Err(err).Int("events", len(events)).Msg("published events stay in the outbox; the relay's repeat is dropped by the bus")
	}
}

func messages(events []store.OutboxEvent) []bus.Message {
	out := make([]bus.Message, len(events))
	for i, e := range events {
		out[i] = bus.Message{Subject: e.Subject, ID: e.MsgID, Payload: e.Payload, TraceParent: e.TraceParent}
	}
	return out
}

func ids(events []store.OutboxEvent) []int64 {
	out := make([]int64, len(events))
	for i, e := range events {
		out[i] = e.ID
	}
	return out
}
