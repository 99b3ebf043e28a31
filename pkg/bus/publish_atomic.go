package bus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// atomicBatches publishes in atomic batches (NATS 2.12, ADR-50: github.com/nats-io/nats-architecture-and-design),
// which cost a broker that syncs every write a few fsyncs for all. They are written
// twice, so that they are of no use elsewhere.
type atomicBatches struct{ bus *Bus }

// atomicFrom is from how many messages on a batch is cheaper than an fsync for each
// (BenchmarkPublish).
const atomicFrom = 16

func (atomicBatches) from() int { return atomicFrom }

const (
	headerBatchID       = "Nats-Batch-Id"
	headerBatchSequence = "Nats-Batch-Sequence"
	headerBatchCommit   = "Nats-Batch-Commit"
)

// publish stores all messages or none.
func (a atomicBatches) publish(ctx context.Context, messages []Message) (stored int, err error) {
	id, last := rand.Text(), len(messages)-1
	for i, m := range messages[:last] {
		if err := a.bus.conn.PublishMsg(batched(m, id, i+1)); err != nil {
			return 0, fmt.Errorf("publish a batch to %s: %w", m.Subject, classify(err))
		}
	}
	final := batched(messages[last], id, last+1)
	final.Header[headerBatchCommit] = []string{"1"}
	answer, err := a.bus.conn.RequestMsgWithContext(ctx, final)
	if err != nil {
		return 0, fmt.Errorf("publish a batch of %d to %s: %w", len(messages), final.Subject, classify(err))
	}
	var ack struct {
		Error *jetstream.APIError `json:"error"`
		Count int                 `json:"count"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return 0, fmt.Errorf("read the ack of a batch: %w", errors.Join(ErrUnavailable, err))
	}
	switch {
	case ack.Error != nil:
		return 0, errBatchRefused
	case ack.Count != len(messages):
		a.bus.noBatches("2.12")
		return 0, errBatchRefused
	}
	return len(messages), nil
}

func batched(m Message, id string, sequence int) *nats.Msg {
	msg := m.natsMsg()
	msg.Header[headerBatchID] = []string{id}
	msg.Header[headerBatchSequence] = []string{strconv.Itoa(sequence)}
	return msg
}
