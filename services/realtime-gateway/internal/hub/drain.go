package hub

import (
	"errors"
	"os"
	"slices"
	"time"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// verdict says what the goroutine that drains a client does next.
type verdict uint8

const (
	writeOut   verdict = iota // write what is at hand
	finished                  // nothing: the client is live, or gone
	goodbye                   // write the close frame
	fellBehind                // read from the stream: the ring does not hold what comes next
	early                     // wait: the client has seen events that this hub has not
	shardLags                 // let the shard catch up with the client
)

// drain writes to a client with back-pressure until it has caught up with its
// shard, or is gone. While a client drains, nothing else writes to it.
func (c *client) drain() {
	for {
		out, events, v := c.next()
		switch v {
		case writeOut:
			c.write(out, events)
		case finished:
			return
		case goodbye:
			c.sayGoodbye()
			return
		case fellBehind:
			c.reread()
		case early:
			c.awaitPosition()
		case shardLags:
			c.shard.pass()
		}
	}
}

// next gives what is to be written next, at most DrainPortion of events.
func (c *client) next() (out []byte, events int, v verdict) {
	s, h := c.shard, c.hub
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.state == gone {
		return nil, 0, finished
	}
	if out = c.takeControl(); len(out) > 0 {
		return out, 0, writeOut
	}
	if c.closing != nil && !c.flush {
		return nil, 0, goodbye
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	shardNext := s.next.Load()
	switch {
	case c.resuming && c.seq > h.ring.position && h.ring.resume <= c.cursor:
		return nil, 0, early
	case !c.resuming && c.cursor < h.ring.first,
		c.resuming && (c.seq < h.ring.floor || h.ring.resume > c.cursor):
		return nil, 0, fellBehind
	case c.resuming: // the ring holds all that it missed
		index, _ := h.ring.after(c.seq)
		c.cursor, c.resuming = index, false
		return nil, 0, writeOut
	case c.cursor > shardNext:
		return nil, 0, shardLags
	case c.cursor == shardNext:
		return nil, 0, c.catchUp()
	}
	c.scratch, c.cursor = h.ring.collect(c.scratch[:0], c.cursor, shardNext, h.opts.DrainPortion)
	c.seq = c.scratch[len(c.scratch)-1].Seq
	out, events = join(c.scratch, c.types)
	return out, events, writeOut
}

// catchUp makes a client that stands where its shard does live, or lets it go. The
// shard's mutex is held.
func (c *client) catchUp() verdict {
	if c.closing != nil {
		return goodbye
	}
	c.scratch, c.overSince, c.lenient = nil, time.Time{}, false
	// The shard writes without a deadline, as it never waits. Where this fails the
	// connection is closed, and the reader takes the client out.
	_ = c.conn.SetWriteDeadline(time.Time{})
	c.shard.enterLive(c)
	return finished
}

// takeControl takes what goes out before the next event: the rest of a write, then
// frames of the client's own. The shard's mutex is held.
func (c *client) takeControl() []byte {
	out := c.rest
	if len(c.control) > 0 {
		out = slices.Concat(out, c.control)
	}
	c.rest, c.control = nil, nil
	return out
}

// write writes with back-pressure. A client that does not take it in time is
// closed as slow; one that cannot be written to is muted.
func (c *client) write(out []byte, events int) {
	if len(out) == 0 {
		return
	}
	s := c.shard
	s.mu.Lock()
	deadline := time.Now().Add(c.hub.opts.WriteTimeout)
	if c.closing != nil && !c.flush {
		deadline = c.closeBy
	}
	err := c.conn.SetWriteDeadline(deadline)
	s.mu.Unlock()
	n := 0
	if err == nil {
		n, err = c.conn.Write(out)
	}
	c.hub.metrics.count(tally{frames: events, bytes: n, writes: 1})
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	late := errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case late && c.closing == nil:
		// The rest of the frame is needed for the close frame to be understood.
		c.rest = out[n:]
		c.closeLocked(CloseSlow, false)
	case late && c.flush:
		c.rest, c.flush, c.closeBy = out[n:], false, time.Now().Add(c.hub.opts.CloseWait) // a stop cannot wait longer
	case late && deadline != c.closeBy:
		c.rest = out[n:] // it was closed during the write
	default:
		c.mute()
		close(c.said)
		c.abort()
	}
}

// mute ends all writing to the client. The shard's mutex is held.
func (c *client) mute() {
	delete(c.shard.draining, c)
	c.state = gone
}

// sayGoodbye writes the close frame, the last of the connection, and gives the
// client CloseWait to answer.
func (c *client) sayGoodbye() {
	c.shard.mu.Lock()
	c.mute()
	how := *c.closing
	if c.flush {
		c.closeBy = time.Now().Add(c.hub.opts.CloseWait)
	}
	c.shard.mu.Unlock()
	defer close(c.said)
	_ = c.conn.SetWriteDeadline(c.closeBy)
	if _, err := c.conn.Write(frame.Close(how.Code, how.Reason)); err != nil {
		c.abort() // it would not have been understood any more
		return
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(c.hub.opts.CloseWait))
}
