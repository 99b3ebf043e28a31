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
	HeaderSchema  = "Schema-Version"
	schemaVersion = "1"
)

// Message is one message to publish.
type Message struct {
	Subject string
	// ID makes publishing idempotent within DuplicateWindow; "" leaves it out.
	ID      string
	Payload []byte
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
	futures := make([]jetstream.PubAckFuture, 0, len(messages))
	for _, m := range messages {
		// Retries of nats.go would outlive ctx; callers repeat as their own rules say.
		future, err := b.js.PublishMsgAsync(m.natsMsg(), jetstream.WithRetryAttempts(0))
		if err != nil {
			return fmt.Errorf("publish to %s: %w", m.Subject, classify(err))
		}
		futures = append(futures, future)
	}
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

func (m Message) natsMsg() *nats.Msg {
	header := nats.Header{HeaderSchema: {schemaVersion}}
	if m.ID != "" {
		header[jetstream.MsgIDHeader] = []string{m.ID}
	}
	return &nats.Msg{Subject: m.Subject, Data: m.Payload, Header: header}
}
