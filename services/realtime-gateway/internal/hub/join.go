package hub

import (
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// Request is what a client asked for when it connected.
type Request struct {
	// Since is the last event that it has seen; nil where it asked for none.
	Since *uint64
	// BadSince says that it asked with something that is no sequence.
	BadSince bool
	// Types are the events that it wants.
	Types frame.Set
	// Fault is sent as an error frame behind the first frame; "" for none.
	Fault string
}

// socketBuffer bounds what the kernel keeps for one client, in bytes. Without it
// the kernel may grow to megabytes for each client that does not read.
const socketBuffer = 256 << 10

// Join makes a connection, for which a place is reserved, a client of the hub. It
// returns at once; the hub closes the connection.
func (h *Hub) Join(ws *websocket.Conn, conn *Conn, req Request) {
	c := &client{
		hub: h, conn: conn.Conn, types: req.Types, state: draining,
		gone: make(chan struct{}), said: make(chan struct{}),
	}
	turn := h.turn.Add(1)
	c.shard = h.shards[turn%uint64(len(h.shards))]
	c.pingSlot = int(turn / uint64(len(h.shards)) % pingSlots)
	if tcp, ok := conn.Conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(socketBuffer) // where it fails the kernel's own bound holds
	}
	if plain, ok := conn.Conn.(syscall.Conn); ok {
		if raw, err := plain.SyscallConn(); err == nil {
			c.raw = raw
		}
	}
	conn.client.Store(c)

	h.membership.Lock()
	stopping := h.closed
	h.clients[c] = struct{}{}
	h.membership.Unlock()
	h.admit(c, req)
	if stopping { // it slipped in while Shutdown counted
		c.close(CloseGoingAway, false)
	}
	h.group.Go(func() { c.read(ws) })
}

// admit sends the first frames: at once, or in the client's own goroutine where it
// resumes.
func (h *Hub) admit(c *client, req Request) {
	s := c.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	var extra [][]byte
	if req.Fault != "" {
		extra = append(extra, c.errorFrame(req.Fault))
	}
	if req.Since != nil {
		h.mu.Lock()
		c.cursor, c.resuming, c.lenient = h.ring.next, true, true
		h.mu.Unlock()
		s.draining[c] = struct{}{}
		since := *req.Since
		h.group.Go(func() { c.start(since, extra) })
		return
	}
	c.greet(s.seq, extra)
	if req.BadSince {
		c.appendResync(reasonInvalid)
	}
	s.enterLive(c)
	var sent tally
	if !c.offer(c.takeControl(), &sent) {
		s.drain(c, s.next.Load())
	}
	h.metrics.count(sent)
}

// errorFrame is an error frame for the client. The shard's mutex is held.
func (c *client) errorFrame(message string) []byte {
	c.hub.metrics.faults.Inc()
	raw, err := frame.Error(c.shard.seq, message, time.Now())
	if err != nil {
		c.hub.log.Error().Err(err).Msg("cannot encode an error frame")
		return nil
	}
	return raw
}

// complain answers a frame of the client that was not understood.
func (c *client) complain(message string) error {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	return c.sendLocked(c.errorFrame(message))
}

// pong answers a ping of the page, which sees none of the WebSocket's own.
func (c *client) pong() error {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	raw, err := frame.Pong(c.shard.seq, time.Now())
	if err != nil {
		return fmt.Errorf("encode a pong: %w", err)
	}
	return c.sendLocked(raw)
}

// closingOf says how a connection ends whose client broke the protocol.
func closingOf(raw []byte) Closing {
	how := Closing{Code: websocket.CloseNormalClosure}
	if len(raw) >= 4 { // header of two bytes, code of two
		how.Code = uint16(raw[2])<<8 | uint16(raw[3])
		how.Reason = string(raw[4:])
	}
	return how
}
