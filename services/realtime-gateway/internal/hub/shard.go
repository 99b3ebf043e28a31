package hub

import (
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// shard serves a part of the clients.
type shard struct {
	hub  *Hub
	wake chan struct{}

	mu       sync.Mutex
	live     []*client            // all stand at next; none has anything left to write
	draining map[*client]struct{} // each has a goroutine that writes
	seq      uint64               // sequence at next: the last event offered to live clients
	pinged   int                  // slot of the last round of pings
	recent   tempo

	next   atomic.Uint64 // index in the ring of the first frame not offered yet
	frames []frame.Frame // reused between passes
	socket socketWrite
}

func newShard(h *Hub) *shard {
	s := &shard{hub: h, wake: make(chan struct{}, 1), draining: make(map[*client]struct{})}
	s.socket.call = s.socket.write
	return s
}

// socketWrite is a write that does not block, as syscall.RawConn wants it. There is
// one for each shard, since a closure for each write would be garbage.
type socketWrite struct {
	out  []byte
	n    int
	call func(fd uintptr) bool
}

func (w *socketWrite) write(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), w.out)
		if err != syscall.EINTR { //nolint:errorlint // an errno is never wrapped here
			w.n = max(n, 0)
			return true // whatever is left is written by the goroutine that drains
		}
	}
}

// pingSlots spreads the pings of a shard over the ping interval, so that thousands
// of clients are not pinged in one go.
const pingSlots = 32

func (s *shard) run() {
	pings := time.NewTicker(s.hub.opts.PingInterval / pingSlots)
	defer pings.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	wake := s.wake // nil during a pause
	for {
		select {
		case <-wake:
			began := time.Now()
			s.pass()
			if rest := s.pace() - time.Since(began); rest > 0 {
				wake = nil
				pause.Reset(rest)
			}
		case <-pause.C:
			wake = s.wake
		case <-pings.C:
			s.pingSome()
			s.closeSlow(time.Now())
		case <-s.hub.stop:
			return
		}
	}
}

// pass offers the live clients everything that was new when it began, in portions.
// What comes in meanwhile is for the next pass: else, where one takes longer than the
// time between two events, nothing would ever wait together.
func (s *shard) pass() {
	s.hub.mu.Lock()
	limit := s.hub.ring.next
	s.hub.mu.Unlock()
	for s.offer(limit) {
		s.closeSlow(time.Now())
	}
	s.closeSlow(time.Now())
}

// offer writes the next portion of frames, before limit, to every live client; false if
// there was none.
func (s *shard) offer(limit uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := s.next.Load()
	h := s.hub
	h.mu.Lock()
	frames, next := h.ring.collect(s.frames[:0], from, limit, h.opts.BroadcastSize)
	h.mu.Unlock()
	if next == from {
		return false
	}
	batch := newBatch(frames)
	s.seq = frames[len(frames)-1].Seq
	s.next.Store(next)
	var sent tally
	for i := 0; i < len(s.live); {
		c := s.live[i]
		out, count := batch.forTypes(c.types)
		if len(out) == 0 || c.offer(out, &sent) {
			sent.frames += count
			i++
			continue
		}
		s.drain(c, next) // takes it out of live, and puts the last one in its place
		sent.frames += count
	}
	h.metrics.count(sent)
	s.recent.add(time.Now(), len(frames))
	s.account(frames)
	clear(frames) // do not keep what the ring drops
	s.frames = frames

	h.mu.Lock()
	h.room.Signal()
	h.mu.Unlock()
	return true
}

// account says when frames were written to the live clients that wanted them. Clients
// that are behind have them later; queued_bytes tells of these. s.mu is held.
func (s *shard) account(frames []frame.Frame) {
	now := time.Now().UnixNano()
	for _, f := range frames {
		if len(s.live) > 0 {
			s.hub.metrics.written(f, now)
		}
		if f.Trace != nil {
			f.Trace.Written(s.wanting(f.Kind))
		}
	}
}

// wanting is how many live clients want frames of a kind. s.mu is held.
func (s *shard) wanting(kind frame.Kind) int {
	n := 0
	for _, c := range s.live {
		if c.types.Has(kind) {
			n++
		}
	}
	return n
}

// tally adds up what was sent before it goes into the counters.
type tally struct {
	frames, bytes, writes int
}

func (m *metrics) count(t tally) {
	m.frames.Add(float64(t.frames))
	m.bytes.Add(float64(t.bytes))
	m.writes.Add(float64(t.writes))
}

// batch is a portion of frames as one piece for each choice of types that clients
// have made, so that a client costs one write and no copying.
type batch struct {
	frames []frame.Frame
	pieces []piece
}

type piece struct {
	types frame.Set
	wire  []byte
	count int
}

func newBatch(frames []frame.Frame) *batch { return &batch{frames: frames} }

func (b *batch) forTypes(types frame.Set) ([]byte, int) {
	for _, p := range b.pieces {
		if p.types == types {
			return p.wire, p.count
		}
	}
	wire, count := join(b.frames, types)
	b.pieces = append(b.pieces, piece{types, wire, count})
	return wire, count
}

// join puts the frames of the chosen types into one piece, which is the frame
// itself where there is only one.
func join(frames []frame.Frame, types frame.Set) (wire []byte, count int) {
	size := 0
	for _, f := range frames {
		if len(f.Wire) > 0 && types.Has(f.Kind) {
			size += len(f.Wire)
			wire = f.Wire
			count++
		}
	}
	if count < 2 {
		return wire, count
	}
	wire = make([]byte, 0, size)
	for _, f := range frames {
		if types.Has(f.Kind) {
			wire = append(wire, f.Wire...)
		}
	}
	return wire, count
}

// drain moves a live client that has something left to write to the draining ones
// and gives it its goroutine. cursor is where it goes on. s.mu is held.
func (s *shard) drain(c *client, cursor uint64) {
	s.leaveLive(c)
	s.startDraining(c, cursor)
}

func (s *shard) startDraining(c *client, cursor uint64) {
	c.state, c.cursor = draining, cursor
	s.draining[c] = struct{}{}
	s.hub.group.Go(c.drain)
}

func (s *shard) enterLive(c *client) {
	delete(s.draining, c)
	c.state, c.slot = live, len(s.live)
	s.live = append(s.live, c)
}

func (s *shard) leaveLive(c *client) {
	last := len(s.live) - 1
	s.live[c.slot] = s.live[last]
	s.live[c.slot].slot = c.slot
	s.live[last] = nil
	s.live = s.live[:last]
	if cap(s.live) > 1024 && len(s.live) < cap(s.live)/4 {
		s.live = slices.Clip(slices.Clone(s.live))
	}
}

// closeSlow closes the draining clients that are further behind than the bounds,
// and have been kept waiting longer than SlowAfter by what they are behind. One that
// takes in time what waits for it, if only just, is not slow: in a burst everybody
// is far behind for a moment.
func (s *shard) closeSlow(now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.draining) == 0 {
		return
	}
	opts := &s.hub.opts
	for c := range s.draining {
		frames, bytes := s.behind(c)
		switch {
		case c.lenient || frames <= uint64(opts.QueueFrames) && bytes <= uint64(opts.QueueBytes):
			c.overSince = time.Time{}
		case c.overSince.IsZero() || c.cursor >= c.overUntil:
			c.overSince, c.overUntil = now, c.cursor+frames
		case now.Sub(c.overSince) >= opts.SlowAfter:
			c.closeLocked(CloseSlow, false)
		}
	}
}

// behind says how much of the ring waits for a draining client. s.mu is held.
func (s *shard) behind(c *client) (frames, bytes uint64) {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	cursor := max(c.cursor, h.ring.first)
	return h.ring.next - c.cursor, h.ring.offset - h.ring.offsetAt(cursor)
}

func (s *shard) queuedBytes() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sum uint64
	for c := range s.draining {
		_, bytes := s.behind(c)
		sum += bytes + uint64(len(c.rest)+len(c.control))
	}
	return sum
}

// pingSome pings the clients whose turn it is.
func (s *shard) pingSome() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pinged = (s.pinged + 1) % pingSlots
	ping := frame.Ping()
	for i := 0; i < len(s.live); {
		c := s.live[i]
		if c.pingSlot == s.pinged {
			_ = c.sendLocked(ping) // where it fails, the client is on its way out
		}
		if i < len(s.live) && s.live[i] == c {
			i++
		}
	}
	for c := range s.draining {
		if c.pingSlot == s.pinged {
			_ = c.sendLocked(ping)
		}
	}
}
