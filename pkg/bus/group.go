package bus

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Group commit. A broker that syncs every write (NATS_SYNC=always) does one after
// another: messages of a stream wait for each other's fsync. What comes while some are
// on their way is sent as one atomic batch, which costs the broker a few for all.

const (
	// groupFrom is from how many messages on a batch is cheaper than an fsync for each
	// (BenchmarkPublish).
	groupFrom = 16
	// groupMost is how many go in one batch; a server takes 1,000.
	groupMost = 500
	// groupTimeout bounds the wait for the broker, whose answer serves many callers.
	groupTimeout = 5 * time.Second
)

// Headers of an atomic batch (NATS 2.12, ADR-50: github.com/nats-io/nats-architecture-and-design).
const (
	headerBatchID       = "Nats-Batch-Id"
	headerBatchSequence = "Nats-Batch-Sequence"
	headerBatchCommit   = "Nats-Batch-Commit"
)

// group publishes to one stream, in the order in which it was called.
type group struct {
	bus     *Bus
	mu      sync.Mutex
	waiting []*submission
	running bool
}

// submission is what one caller publishes to one stream.
type submission struct {
	messages []Message
	done     chan error // takes one
}

// groups are those of a connection, by the first token of their stream's subjects.
type groups struct {
	mu    sync.Mutex
	byTop map[string]*group
}

func (gs *groups) of(b *Bus, subject string) *group {
	top, _, _ := strings.Cut(subject, ".")
	gs.mu.Lock()
	defer gs.mu.Unlock()
	g, ok := gs.byTop[top]
	if !ok {
		g = &group{bus: b}
		gs.byTop[top] = g
	}
	return g
}

// publishGrouped does what Publish promises, together with other callers.
func (b *Bus) publishGrouped(ctx context.Context, messages []Message) error {
	var few [4]*submission
	submitted := few[:0]
	for len(messages) > 0 {
		g, n := b.groups.of(b, messages[0].Subject), 1
		for n < min(len(messages), groupMost) && b.groups.of(b, messages[n].Subject) == g {
			n++
		}
		submitted = append(submitted, g.submit(messages[:n]))
		messages = messages[n:]
	}
	for _, s := range submitted {
		select {
		case err := <-s.done:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return fmt.Errorf("publish to %s: %w", s.messages[0].Subject, errors.Join(ErrUnavailable, context.Cause(ctx)))
		}
	}
	return nil
}

func (g *group) submit(messages []Message) *submission {
	s := &submission{messages: messages, done: make(chan error, 1)}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, s)
	if !g.running {
		g.running = true
		go g.run()
	}
	return s
}

// run publishes until nothing waits.
func (g *group) run() {
	for {
		taken, n := g.take()
		if n == 0 {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), groupTimeout)
		g.commit(ctx, taken, n)
		cancel()
	}
}

// take gives what waits, up to groupMost messages; with none, run is over.
func (g *group) take() (taken []*submission, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(taken) < len(g.waiting) {
		next := len(g.waiting[len(taken)].messages)
		if n > 0 && n+next > groupMost {
			break
		}
		taken, n = g.waiting[:len(taken)+1], n+next
	}
	g.waiting = g.waiting[len(taken):]
	g.running = n > 0
	return taken, n
}

// commit publishes submissions and tells each how it went.
func (g *group) commit(ctx context.Context, taken []*submission, n int) {
	if n >= groupFrom && g.bus.batches.Load() {
		all := make([]Message, 0, n)
		for _, s := range taken {
			all = append(all, s.messages...)
		}
		err := g.bus.publishBatch(ctx, all)
		if !errors.Is(err, errBatchRefused) {
			for _, s := range taken {
				s.done <- err
			}
			return
		}
		// One message may be at fault (stored already, too large, one too many): each is
		// told apart by going alone.
	}
	var futures []jetstream.PubAckFuture
	sent := make([]error, len(taken))
	for i, s := range taken {
		futures, sent[i] = g.bus.send(futures, s.messages)
	}
	for i, s := range taken {
		if sent[i] != nil {
			s.done <- sent[i]
			continue
		}
		err := awaitAcks(ctx, futures[:len(s.messages)], s.messages)
		futures = futures[len(s.messages):]
		s.done <- err
	}
}

// errBatchRefused means that nothing of a batch was stored.
var errBatchRefused = errors.New("the broker refused the batch")

// publishBatch stores all messages, of one stream, or none.
func (b *Bus) publishBatch(ctx context.Context, messages []Message) error {
	most := int(b.conn.MaxPayload())
	for _, m := range messages {
		if len(m.Payload)+len(m.ID)+maxHeaders > most {
			return errBatchRefused
		}
	}
	id, last := rand.Text(), len(messages)-1
	for i, m := range messages[:last] {
		if err := b.conn.PublishMsg(batched(m, id, i+1)); err != nil {
			return fmt.Errorf("publish a batch to %s: %w", m.Subject, classify(err))
		}
	}
	final := batched(messages[last], id, last+1)
	final.Header[headerBatchCommit] = []string{"1"}
	answer, err := b.conn.RequestMsgWithContext(ctx, final)
	if err != nil {
		return fmt.Errorf("publish a batch of %d to %s: %w", len(messages), final.Subject, classify(err))
	}
	var ack struct {
		Error *jetstream.APIError `json:"error"`
		Count int                 `json:"count"`
	}
	if err := json.Unmarshal(answer.Data, &ack); err != nil {
		return fmt.Errorf("read the ack of a batch: %w", errors.Join(ErrUnavailable, err))
	}
	if ack.Error == nil && ack.Count == len(messages) {
		return nil
	}
	if ack.Error == nil {
		// A server older than 2.12 took them as single messages. Under their ids they are
		// published once more to no effect, but for the certainty.
		b.batches.Store(false)
		b.log.Warn().Msg("the broker knows no batches (NATS 2.12 or newer does): with NATS_SYNC=always it is slower than it could be")
	}
	return errBatchRefused
}

// maxHeaders bounds what our headers and their framing add to a message, in bytes.
const maxHeaders = 512

func batched(m Message, id string, sequence int) *nats.Msg {
	msg := m.natsMsg()
	msg.Header[headerBatchID] = []string{id}
	msg.Header[headerBatchSequence] = []string{strconv.Itoa(sequence)}
	return msg
}
