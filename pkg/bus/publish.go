package bus

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"google.golang.org/protobuf/proto"
)

// HeaderSchema names the version of the protobuf package that a payload is of.
const (
	HeaderSchema = "Schema-Version"
	// HeaderTrace is the header that carries a trace on (W3C Trace Context).
	HeaderTrace   = "traceparent"
	schemaVersion = "1"
)

// Message is one message to publish.
type Message struct {
	Subject string
	// ID makes publishing idempotent within DuplicateWindow; "" leaves it out.
	ID      string
	Payload []byte
	// TraceParent is the trace that the message belongs to, as header HeaderTrace has
	// it; "" for none, or one that is not sampled: there is no header then.
	TraceParent string
}

// NewMessage marshals payload into a Message.
func NewMessage(subject, id string, payload proto.Message) (Message, error) {
	data, err := proto.Marshal(payload)
	if err != nil {
		return Message{}, fmt.Errorf("marshal %T for %s: %w", payload, subject, err)
	}
	return Message{Subject: subject, ID: id, Payload: data}, nil
}

// Publish sends all messages at once and waits until the broker has stored every
// one, or for the first that it has not: ErrFull, ErrTooLarge, or ErrUnavailable
// (ctx ended, connection lost). On an error some may be stored; publish all again
// under the same ids.
func (b *Bus) Publish(ctx context.Context, messages ...Message) error {
	if len(messages) == 0 {
		return nil
	}
	b.figures.begin(len(messages))
	link := b.link.context()
	err := b.publish(ctx, messages)
	b.figures.end(len(messages), err)
	// What was on its way when the connection was lost says nothing about the broker.
	if link.Err() == nil && b.conn.IsConnected() {
		b.silence.note(err)
	}
	return err
}

func (b *Bus) publish(ctx context.Context, messages []Message) error {
	if b.groups != nil {
		return b.publishGrouped(ctx, messages)
	}
	var few [4]jetstream.PubAckFuture // on the stack, for a single update's
	futures, err := b.send(few[:0], messages)
	if err != nil {
		return err
	}
	return awaitAcks(ctx, futures, messages)
}

// send appends what stands for the acks to futures.
func (b *Bus) send(futures []jetstream.PubAckFuture, messages []Message) ([]jetstream.PubAckFuture, error) {
	before := len(futures)
	for _, m := range messages {
		future, err := b.js.PublishMsgAsync(m.natsMsg(), publishOptions...)
		if err != nil {
			return futures[:before], fmt.Errorf("publish to %s: %w", m.Subject, classify(err))
		}
		futures = append(futures, future)
	}
	return futures, nil
}

func awaitAcks(ctx context.Context, futures []jetstream.PubAckFuture, messages []Message) error {
	for i, future := range futures {
		select {
		case <-future.Ok():
		case err := <-future.Err():
			return fmt.Errorf("publish to %s: %w", messages[i].Subject, classify(err))
		case <-ctx.Done():
			return fmt.Errorf("publish to %s: %w", messages[i].Subject, errors.Join(ErrUnavailable, context.Cause(ctx)))
		}
	}
	return nil
}

// Made once, and shared by every message.
var (
	// Retries of nats.go would outlive ctx; callers repeat as their own rules say.
	publishOptions = []jetstream.PublishOpt{jetstream.WithRetryAttempts(0)}
	schemaHeader   = []string{schemaVersion}
)

func (m Message) natsMsg() *nats.Msg {
	header := nats.Header{HeaderSchema: schemaHeader}
	if m.ID != "" {
		header[jetstream.MsgIDHeader] = []string{m.ID}
	}
	if m.TraceParent != "" {
		header[HeaderTrace] = []string{m.TraceParent}
	}
	return &nats.Msg{Subject: m.Subject, Data: m.Payload, Header: header}
}
