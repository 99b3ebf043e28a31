package hub

import (
	"errors"
	"net"
	"syscall"
	"time"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

type state uint8

const (
	draining state = iota // a goroutine writes to it
	live                  // its shard does
	gone                  // nobody does
)

// client is one connection. What its shard's mutex guards is marked.
type client struct {
	hub   *Hub
	shard *shard
	conn  net.Conn
	raw   syscall.RawConn // nil where conn is no plain socket: the client is then always draining
	gone  chan struct{}   // closed when the client has left the hub
	said  chan struct{}   // closed when nothing more will be written

	pingSlot int

	state     state     // guarded
	slot      int       // guarded: its place in shard.live
	types     frame.Set // guarded
	cursor    uint64    // guarded: index in the ring of the next frame
	resuming  bool      // guarded: its place is found by seq; cursor is only where the ring ended when that began
	lenient   bool      // guarded: it reads what it missed, so that being behind is no fault of its own
	rest      []byte    // guarded: what the shard could not write
	control   []byte    // guarded: whole frames that go out before the next event
	overSince time.Time // guarded: when it was found further behind than the bounds
	overUntil uint64    // guarded: the ring's end at that time
	closing   *Closing  // guarded: set once the connection is to end
	closeBy   time.Time // guarded: when that must be done, where flush is not set
	flush     bool      // guarded: events that wait go out before the close frame
	byClient  bool      // guarded: the client closed first

	// Of the goroutine that drains the client.
	seq     uint64        // the last event written, or passed over as not wanted
	scratch []frame.Frame // reused between portions
}

// maxControl bounds the control and error frames that wait for one client, in bytes.
// More than that wait only for a client that sends a lot and reads nothing.
const maxControl = 16 << 10

var (
	errFlood   = errors.New("too many frames from the client")
	errClosing = errors.New("connection is closing")
)

// offer writes out, whole frames, without blocking. What the socket did not take
// is left in rest, and the answer is false. The shard's mutex is held.
func (c *client) offer(out []byte, sent *tally) bool {
	n, ok := c.tryWrite(out)
	sent.writes++
	sent.bytes += n
	if !ok || n < len(out) {
		c.rest = out[n:]
		return false
	}
	return true
}

// tryWrite writes what the socket takes at once. An error is left for the
// goroutine that then drains the client to find. The shard's mutex is held.
func (c *client) tryWrite(out []byte) (n int, ok bool) {
	if c.raw == nil {
		return 0, false
	}
	w := &c.shard.socket
	w.out, w.n = out, 0
	err := c.raw.Write(w.call)
	w.out = nil
	return w.n, err == nil
}

// send gives the client a whole frame beside the events.
func (c *client) send(raw []byte) error {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	return c.sendLocked(raw)
}

func (c *client) sendLocked(raw []byte) error {
	switch {
	case c.state == gone || c.closing != nil:
		return errClosing
	case c.state == live:
		var sent tally
		if !c.offer(raw, &sent) {
			c.shard.drain(c, c.shard.next.Load())
		}
		c.hub.metrics.count(sent)
		return nil
	case len(c.control)+len(raw) > maxControl:
		return errFlood
	}
	c.control = append(c.control, raw...)
	return nil
}

// setTypes replaces the client's choice, from the next event on.
func (c *client) setTypes(types frame.Set) {
	c.shard.mu.Lock()
	c.types = types
	c.shard.mu.Unlock()
}

// close ends the connection with a close frame, after the events that wait if
// flush is set. Only the first call counts.
func (c *client) close(how Closing, flush bool) {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	c.closeLocked(how, flush)
}

func (c *client) closeLocked(how Closing, flush bool) {
	if c.state == gone || c.closing != nil {
		return
	}
	c.closing, c.flush, c.closeBy = &how, flush, time.Now().Add(c.hub.opts.WriteTimeout)
	if c.state == live {
		c.shard.drain(c, c.shard.next.Load())
		return
	}
	if !flush {
		// What is being written, and the close frame, are all that it still gets.
		_ = c.conn.SetWriteDeadline(c.closeBy)
	}
}

// abort cuts the connection, which ends both of its goroutines.
func (c *client) abort() {
	_ = c.conn.Close() // closed is what it is to be, whatever is said
}

// leave takes the client out of the hub; its connection is closed. The client's
// reader calls it, last.
func (c *client) leave() {
	c.abort()
	code := codeLost
	s := c.shard
	s.mu.Lock()
	switch c.state {
	case live:
		s.leaveLive(c)
	case draining:
		delete(s.draining, c)
	}
	c.state = gone
	switch {
	case c.byClient:
		code = codeByClient
	case c.closing != nil:
		code = c.closing.label()
	}
	c.rest, c.control = nil, nil
	s.mu.Unlock()

	h := c.hub
	h.membership.Lock()
	delete(h.clients, c)
	h.reserved--
	h.membership.Unlock()
	h.metrics.closes.WithLabelValues(code).Inc()
	close(c.gone)
	h.group.Done()
}
