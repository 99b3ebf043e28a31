package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// What comes while some messages of a stream are on their way is sent together, as one
// batch, where that costs the broker less than each alone: see atomicBatches and fastBatches.

// batches publishes messages of one stream together.
type batches interface {
	// publish says how many of the first are stored: all, where err is nil. With
	// errBatchRefused, the broker is there and those after them are not stored.
	publish(ctx context.Context, messages []Message) (stored int, err error)
	// from is the number of messages from which on that is worth while.
	from() int
}

// errBatchRefused means that the rest of a batch was not stored.
var errBatchRefused = errors.New("the broker refused the batch")

const (
	// batchMost is how many messages go in one batch; a server takes 1,000.
	batchMost = 500
	// groupTimeout bounds the wait for the broker, whose answer serves many callers; it
	// ends with the connection too.
	groupTimeout = 5 * time.Second
	// maxHeaders bounds what our headers and their framing add to a message, in bytes.
	maxHeaders = 512
)

// group publishes to one stream, in the order in which it was called.
type group struct {
	bus     *Bus
	batches batches
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
	batches func(*Bus) batches
	mu      sync.Mutex
	byTop   map[string]*group
}

// newGroups gives what is cheapest for a broker that is set up so; nil where each message
// is best sent alone. In a stream with replicas NATS 2.15 takes a message of a fast batch for
// stored while another attempt of the same id is still on its way to the replicas, and so
// confirms what is lost with its leader (stream.go, processJetStreamFastBatchMsg).
func newGroups(cfg Config) *groups {
	gs := &groups{byTop: map[string]*group{}}
	switch {
	case cfg.NATSSync == SyncAlways:
		gs.batches = func(b *Bus) batches { return atomicBatches{b} }
	case cfg.fastBatches():
		gs.batches = func(b *Bus) batches { return newFastBatches(b) }
	default:
		return nil
	}
	return gs
}

func (c Config) fastBatches() bool { return c.NATSReplicas == 1 }

func (gs *groups) of(b *Bus, subject string) *group {
	top, _, _ := strings.Cut(subject, ".")
	gs.mu.Lock()
	defer gs.mu.Unlock()
	g, ok := gs.byTop[top]
	if !ok {
		g = &group{bus: b, batches: gs.batches(b)}
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
		for n < min(len(messages), batchMost) && b.groups.of(b, messages[n].Subject) == g {
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
		ctx, cancel := context.WithTimeout(g.bus.link.context(), groupTimeout)
		g.commit(ctx, taken, n)
		cancel()
	}
}

// take gives what waits, up to batchMost messages; with none, run is over.
func (g *group) take() (taken []*submission, n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for len(taken) < len(g.waiting) {
		next := len(g.waiting[len(taken)].messages)
		if n > 0 && n+next > batchMost {
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
	stored, err := g.together(ctx, taken, n)
	if !errors.Is(err, errBatchRefused) {
		for _, s := range taken {
			s.done <- err
		}
		return
	}
	// One message may be at fault (too large, one too many): each of the rest is told
	// apart by going alone.
	var futures []jetstream.PubAckFuture
	sent, rest := make([]error, len(taken)), make([][]Message, len(taken))
	for i, s := range taken {
		done := min(stored, len(s.messages))
		rest[i], stored = s.messages[done:], stored-done
		futures, sent[i] = g.bus.send(futures, rest[i])
	}
	for i, s := range taken {
		if sent[i] != nil {
			s.done <- sent[i]
			continue
		}
		err := awaitAcks(ctx, futures[:len(rest[i])], rest[i])
		futures = futures[len(rest[i]):]
		s.done <- err
	}
}

// together publishes submissions as a batch, where that is worth while and can be.
func (g *group) together(ctx context.Context, taken []*submission, n int) (stored int, err error) {
	if n < g.batches.from() || g.bus.batchless.Load() {
		return 0, errBatchRefused
	}
	most := int(g.bus.conn.MaxPayload())
	all := make([]Message, 0, n)
	for _, s := range taken {
		for _, m := range s.messages {
			if len(m.Payload)+len(m.ID)+maxHeaders > most {
				return 0, errBatchRefused
			}
		}
		all = append(all, s.messages...)
	}
	return g.batches.publish(ctx, all)
}

// noBatches is called when a broker took the messages of a batch as single ones. Under their
// ids they are published once more to no effect, but for the certainty.
func (b *Bus) noBatches(since string) {
	if !b.batchless.Swap(true) {
		b.log.Warn().Str("since", since).Msg("the broker knows no batches, which newer servers of NATS do: it is slower than it could be")
	}
}
