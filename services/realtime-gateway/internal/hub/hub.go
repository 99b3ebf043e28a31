package hub

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// Source reads events again that the ring no longer holds.
type Source interface {
	// Bounds gives the oldest and the newest sequence of the stream. Where the
	// stream is empty, oldest is newest+1.
	Bounds(ctx context.Context) (oldest, newest uint64, err error)
	// Read gives the frames of the first events after and up to the given
	// sequences, at least one and as many as make a fair portion. It returns
	// ErrGone if the first of them is there no more.
	Read(ctx context.Context, after, upTo uint64) ([]frame.Frame, error)
}

// ErrGone is returned by a Source for events that the stream does not hold any more.
var ErrGone = errors.New("events are no longer kept")

// Options bounds a hub. All must be set.
type Options struct {
	QueueBytes    int           // how far a client may be behind, in bytes
	QueueFrames   int           // and in frames
	SlowAfter     time.Duration // how long an event may wait for it while it is further behind than that
	WriteTimeout  time.Duration // how long one write to it may take
	PingInterval  time.Duration // between pings; a client that is silent for two and a half is gone
	ReplayFrames  int           // how many events a client may be behind to get them replayed
	ReplayAtOnce  int           // how many clients may read from the stream at the same time
	ReplayWait    time.Duration // how long one such read, or the wait for events of this client's future, may take
	MaxClients    int
	CloseAtOnce   int           // how many clients are sent away at the same time at a stop
	CommandRate   float64       // frames per second that a client may send, on average
	CommandBurst  int           // and at once
	CloseWait     time.Duration // how long a closing client may take to answer
	CommandLimit  int64         // bytes of a client's frame beyond which the connection is closed
	RingBytes     int           // what is kept in memory for clients that resume or are behind
	RingFrames    int
	DrainPortion  int // bytes of one write to a client that is behind
	BroadcastSize int // bytes of one write to a client that is not
}

// Defaults are what Options need beside what is configured.
func Defaults() Options {
	return Options{
		QueueBytes: 1 << 20, QueueFrames: 4096, SlowAfter: 5 * time.Second, WriteTimeout: 10 * time.Second,
		PingInterval: 30 * time.Second, ReplayFrames: 10_000, ReplayAtOnce: 4, ReplayWait: 10 * time.Second, MaxClients: 20_000, CloseAtOnce: 128,
		CommandRate: 10, CommandBurst: 40, CloseWait: 2 * time.Second, CommandLimit: 1 << 20,
		RingBytes: 16 << 20, RingFrames: 32 << 10, DrainPortion: 64 << 10, BroadcastSize: 256 << 10,
	}
}

// Hub is the set of clients and the events on their way to them.
type Hub struct {
	opts    Options
	source  Source
	log     zerolog.Logger
	metrics *metrics
	replays chan struct{} // one token per client that reads from the stream

	mu     sync.Mutex
	ring   *ring
	oldest uint64     // oldest sequence of the stream when last looked at
	room   *sync.Cond // a shard has moved on

	shards []*shard
	turn   atomic.Uint64 // spreads clients over shards

	membership sync.Mutex
	clients    map[*client]struct{}
	reserved   int // places taken, clients included
	closed     bool

	stop       chan struct{} // ends the shards
	shardsDone sync.WaitGroup
	group      sync.WaitGroup // goroutines of clients
}

// New makes a hub and starts its shards; Shutdown ends them.
func New(opts Options, source Source, log zerolog.Logger, reg prometheus.Registerer) (*Hub, error) {
	h := &Hub{
		opts: opts, source: source, log: log,
		ring:    newRing(max(opts.RingFrames, 2*opts.QueueFrames), max(opts.RingBytes, 2*opts.QueueBytes)),
		replays: make(chan struct{}, opts.ReplayAtOnce),
		clients: make(map[*client]struct{}),
		stop:    make(chan struct{}),
	}
	h.room = sync.NewCond(&h.mu)
	var err error
	if h.metrics, err = newMetrics(reg, h); err != nil {
		return nil, fmt.Errorf("register metrics of the hub: %w", err)
	}
	for range runtime.GOMAXPROCS(0) {
		s := newShard(h)
		h.shards = append(h.shards, s)
		h.shardsDone.Go(s.run)
	}
	return h, nil
}

// Start sets the position before the first event; oldest is the oldest sequence of the stream.
func (h *Hub) Start(position, oldest uint64) {
	h.mu.Lock()
	h.ring.position, h.ring.floor, h.oldest = position, position, oldest
	h.mu.Unlock()
	for _, s := range h.shards {
		s.mu.Lock()
		s.seq = position
		s.mu.Unlock()
	}
}

// Position is the sequence of the last event published here.
func (h *Hub) Position() uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ring.position
}

// Publish offers one event to every client that wants it. It waits for no client,
// only, where events come in faster than the shards can write, for the shards.
func (h *Hub) Publish(f frame.Frame) {
	f.Trace.Begin(len(h.shards))
	h.mu.Lock()
	h.waitForRoom(uint64(len(f.Wire)))
	h.ring.add(f)
	h.mu.Unlock()
	h.wake()
}

// Restart says that events were lost for good, or that the stream began anew: the
// next event comes after position, and every client is told to reload.
func (h *Hub) Restart(position, oldest uint64, reason string) {
	raw, err := frame.Resync(position, oldest, reason, time.Now())
	if err != nil {
		h.log.Error().Err(err).Msg("cannot encode a resync frame")
		return
	}
	h.mu.Lock()
	h.waitForRoom(uint64(len(raw)))
	h.oldest = oldest
	h.ring.restart(frame.Frame{Seq: position, Kind: frame.Always, Wire: raw})
	h.mu.Unlock()
	h.metrics.resyncs.WithLabelValues("stream").Add(float64(h.Clients()))
	h.wake()
}

// waitForRoom waits until every shard has offered all but the newer half of the
// ring, so that no live client can fall out of it. Shards never wait for clients.
func (h *Hub) waitForRoom(size uint64) {
	for h.shardsBehind(size) {
		h.room.Wait()
	}
}

func (h *Hub) shardsBehind(size uint64) bool {
	for _, s := range h.shards {
		next := s.next.Load()
		if next == h.ring.next {
			continue
		}
		if h.ring.next-next >= uint64(len(h.ring.entries)/2) || h.ring.offset-h.ring.offsetAt(next)+size > h.ring.maxBytes/2 {
			return true
		}
	}
	return false
}

func (h *Hub) wake() {
	for _, s := range h.shards {
		select {
		case s.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// Clients is how many clients are connected.
func (h *Hub) Clients() int {
	h.membership.Lock()
	defer h.membership.Unlock()
	return len(h.clients)
}

// closing is how many clients are being closed.
func (h *Hub) closing() int {
	sum := 0
	for _, s := range h.shards {
		s.mu.Lock()
		for c := range s.draining {
			if c.closing != nil {
				sum++
			}
		}
		s.mu.Unlock()
	}
	return sum
}

func (h *Hub) queuedBytes() uint64 {
	var sum uint64
	for _, s := range h.shards {
		sum += s.queuedBytes()
	}
	return sum
}

var (
	// ErrStopping is returned by Reserve once Shutdown has begun.
	ErrStopping = errors.New("server is stopping")
	// ErrCrowded is returned by Reserve at Options.MaxClients.
	ErrCrowded = errors.New("too many clients")
)

// Reserve takes a place for a client before its connection is upgraded. The place
// is given back by Release, or by Join when the client has gone.
func (h *Hub) Reserve() error {
	h.membership.Lock()
	defer h.membership.Unlock()
	switch {
	case h.closed:
		return ErrStopping
	case h.reserved >= h.opts.MaxClients:
		return ErrCrowded
	}
	h.reserved++
	h.group.Add(1) // so that Shutdown waits for what Reserve let in
	return nil
}

// Release gives back a place for which no client came.
func (h *Hub) Release() {
	h.membership.Lock()
	h.reserved--
	h.membership.Unlock()
	h.group.Done()
}

// Shutdown takes no more clients, sends out what they wait for, and closes them
// with CloseGoingAway, some at a time; at the end of ctx the rest is cut off. No
// goroutine of the hub is left when it returns.
func (h *Hub) Shutdown(ctx context.Context) {
	h.membership.Lock()
	h.closed = true
	clients := make([]*client, 0, len(h.clients))
	for c := range h.clients {
		clients = append(clients, c)
	}
	h.membership.Unlock()

	for _, s := range h.shards {
		s.pass()
	}
	for left := clients; len(left) > 0 && ctx.Err() == nil; {
		n := min(len(left), h.opts.CloseAtOnce)
		closeGroup(ctx, left[:n])
		left = left[n:]
	}
	for _, c := range clients {
		select {
		case <-c.gone: // it answered, or had the time that a closing client has
		case <-ctx.Done():
		}
	}
	cut := h.cutOff()
	close(h.stop)
	h.shardsDone.Wait()
	h.group.Wait()
	h.log.Info().Int("cut_off", cut).Msg("all clients have been sent away")
}

// groupWait is how long a group of clients may hold up the next one at a stop.
const groupWait = 500 * time.Millisecond

func closeGroup(ctx context.Context, group []*client) {
	for _, c := range group {
		c.close(CloseGoingAway, true)
	}
	timeout := time.NewTimer(groupWait)
	defer timeout.Stop()
	for _, c := range group {
		select {
		case <-c.gone:
		case <-timeout.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// cutOff closes the connections that are left without a word.
func (h *Hub) cutOff() int {
	h.membership.Lock()
	defer h.membership.Unlock()
	for c := range h.clients {
		c.abort()
	}
	return len(h.clients)
}
