package bus

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// fastBatches publishes in fast batches (NATS 2.14, ADR-50: github.com/nats-io/nats-architecture-and-design):
// each message is stored as if it came alone, in its turn, but only the last is
// acknowledged, for all. It is not safe for concurrent use.
type fastBatches struct {
	bus     *Bus
	inbox   string
	answers *nats.Subscription // to inbox; nil: none yet
	// name begins the name of every batch: the broker tells batches apart by it, whoever
	// publishes them.
	name string
	made uint64
}

func newFastBatches(b *Bus) *fastBatches {
	return &fastBatches{bus: b, name: rand.Text()}
}

// fastFrom is from how many messages on a batch is cheaper than an ack for each: the
// first is answered too.
const fastFrom = 4

func (*fastBatches) from() int { return fastFrom }

// What a message does to its batch, the last but one token of its reply subject.
const (
	fastStart = iota
	fastAppend
	fastCommit
)

func (f *fastBatches) publish(ctx context.Context, messages []Message) (stored int, err error) {
	if err := f.listen(); err != nil {
		return 0, fmt.Errorf("listen for the acks of batches: %w", classify(err))
	}
	defer func() {
		if err != nil {
			f.forget()
		}
	}()
	f.made++
	batch := f.inbox + "." + f.name + "-" + strconv.FormatUint(f.made, 10)
	operation, last := fastStart, len(messages)-1
	for i, m := range messages {
		if i == last {
			operation = fastCommit
		}
		msg := m.natsMsg()
		// <inbox>.<batch>.<messages an ack>.<on a gap>.<number>.<operation>.$FI
		msg.Reply = batch + "." + strconv.Itoa(batchMost) + ".fail." + strconv.Itoa(i+1) + "." + strconv.Itoa(operation) + ".$FI"
		if err := f.bus.conn.PublishMsg(msg); err != nil {
			return 0, fmt.Errorf("publish a batch to %s: %w", m.Subject, classify(err))
		}
		operation = fastAppend
	}
	stored, err = f.await(ctx, batch+".", len(messages))
	if err != nil {
		return stored, fmt.Errorf("publish a batch of %d to %s: %w", len(messages), messages[0].Subject, err)
	}
	return stored, nil
}

func (f *fastBatches) listen() (err error) {
	if f.answers == nil {
		f.inbox = f.bus.conn.NewInbox()
		f.answers, err = f.bus.conn.SubscribeSync(f.inbox + ".>")
	}
	return err
}

// forget drops what is still answered about a batch that failed: that nobody is there, for
// each of its messages, which the client does not tell from an answer to the next batch.
func (f *fastBatches) forget() {
	_ = f.answers.Unsubscribe() // fails where the connection is closed, and it with it
	f.answers = nil
}

// await gives how many of the first of a batch are stored, with errBatchRefused where
// these are not all.
func (f *fastBatches) await(ctx context.Context, batch string, size int) (stored int, err error) {
	for {
		answer, err := f.answers.NextMsgWithContext(ctx)
		if err != nil {
			return 0, classify(cmp.Or(context.Cause(ctx), err))
		}
		if !strings.HasPrefix(answer.Subject, batch) {
			continue // of one that is over
		}
		var ack struct {
			Type  string              `json:"type"` // of what is told on the way: of a flow, a gap, an error
			Batch string              `json:"batch"`
			Count int                 `json:"count"`
			Error *jetstream.APIError `json:"error"`
		}
		if err := json.Unmarshal(answer.Data, &ack); err != nil {
			return 0, fmt.Errorf("read the ack: %w", errors.Join(ErrUnavailable, err))
		}
		switch {
		case ack.Type != "":
			continue // the ack follows
		case ack.Error == nil && ack.Batch == "":
			f.bus.noBatches("2.14")
			return 0, errBatchRefused
		case ack.Error != nil || ack.Count < size:
			return ack.Count, errBatchRefused
		}
		return size, nil
	}
}
