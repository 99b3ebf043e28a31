package hub

import (
	"context"
	"errors"
	"time"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// resyncReason is why a client cannot have what it missed: a label for the metrics
// and words for the client.
type resyncReason struct{ label, words string }

var (
	reasonTooOld  = resyncReason{"too_old", "what was missed is no longer kept: reload everything"}
	reasonTooMany = resyncReason{"too_many", "too much was missed to be sent again: reload everything"}
	reasonAhead   = resyncReason{"ahead", "since is after the newest event, so the stream of events began anew: reload everything"}
	reasonBroker  = resyncReason{"broker", "what was missed cannot be read now: reload everything"}
	reasonReset   = resyncReason{"reset", "the stream of events began anew: reload everything"}
	reasonInvalid = resyncReason{"invalid", "since is not a sequence number: reload everything"}
)

// start is the life of a client that resumes: the first frames, then drain.
func (c *client) start(since uint64, extra [][]byte) {
	reason, from := c.judge(since)
	s := c.shard
	s.mu.Lock()
	c.seq = since
	position := since
	if reason.label != "" {
		position = s.seq
	} else {
		c.hub.metrics.replays.WithLabelValues(from).Inc()
	}
	c.greet(position, extra)
	s.mu.Unlock()
	if reason.label != "" {
		c.resync(reason)
	}
	c.drain()
}

// judge says from where a client that has seen since can be served, or why not.
func (c *client) judge(since uint64) (reason resyncReason, from string) {
	h := c.hub
	h.mu.Lock()
	position := h.ring.position
	_, held := h.ring.after(since)
	h.mu.Unlock()
	if held && since <= position {
		return resyncReason{}, "ring"
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.opts.ReplayWait)
	defer cancel()
	oldest, newest, err := h.source.Bounds(ctx)
	if err != nil {
		h.log.Warn().Err(err).Uint64("since", since).Msg("cannot ask the broker for missed events, telling the client to reload")
		return reasonBroker, ""
	}
	h.mu.Lock()
	h.oldest = oldest
	h.mu.Unlock()
	switch {
	case since > newest:
		return reasonAhead, ""
	case since+1 < oldest:
		return reasonTooOld, ""
	case position > since && position-since > uint64(h.opts.ReplayFrames):
		return reasonTooMany, ""
	}
	return resyncReason{}, "stream"
}

// greet queues the first frames of a connection. The shard's mutex is held.
func (c *client) greet(position uint64, extra [][]byte) {
	raw, err := frame.Connection(position, time.Now())
	if err != nil {
		c.hub.log.Error().Err(err).Msg("cannot encode the connection frame")
		c.abort()
		return
	}
	c.control = append(c.control, raw...)
	for _, e := range extra {
		c.control = append(c.control, e...)
	}
}

// reread gets a client that is behind the ring a portion from the stream and
// writes it, or tells it to reload.
func (c *client) reread() {
	frames, reason := c.readPortion()
	if reason.label != "" {
		c.resync(reason)
		return
	}
	for len(frames) > 0 {
		n, size := 0, 0
		for n < len(frames) && (n == 0 || size+len(frames[n].Wire) <= c.hub.opts.DrainPortion) {
			size += len(frames[n].Wire)
			n++
		}
		c.shard.mu.Lock()
		out, events := join(frames[:n], c.types)
		over := c.state == gone || c.closing != nil && !c.flush
		if before := c.takeControl(); len(before) > 0 {
			out = append(before[:len(before):len(before)], out...)
		}
		if over && c.state != gone {
			c.rest = out
		}
		c.shard.mu.Unlock()
		if over {
			return
		}
		c.write(out, events)
		c.seq = frames[n-1].Seq
		c.hub.metrics.replayed.Add(float64(n))
		frames = frames[n:]
	}
}

// readPortion waits for its turn and reads what follows c.seq from the stream.
func (c *client) readPortion() ([]frame.Frame, resyncReason) {
	to, reason := c.aim()
	if reason.label != "" {
		return nil, reason
	}
	h := c.hub
	ctx, cancel := context.WithTimeout(context.Background(), h.opts.ReplayWait)
	defer cancel()
	// The turn is given back before anything is written: a client that reads slowly
	// must not keep others from resuming.
	select {
	case h.replays <- struct{}{}:
	case <-c.gone:
		return nil, resyncReason{}
	case <-ctx.Done():
		return nil, resyncReason{} // so that pings go out meanwhile
	}
	frames, err := h.source.Read(ctx, c.seq, to)
	<-h.replays
	switch {
	case err == nil:
		return frames, resyncReason{}
	case errors.Is(err, ErrGone):
		return nil, reasonTooOld
	default:
		h.log.Warn().Err(err).Uint64("since", c.seq).Msg("cannot read missed events from the broker, telling the client to reload")
		return nil, reasonBroker
	}
}

// aim says up to which event the stream is to be read, or why that is of no use.
func (c *client) aim() (to uint64, reason resyncReason) {
	s, h := c.shard, c.hub
	s.mu.Lock()
	defer s.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.ring.resume > c.cursor:
		return 0, reasonReset
	case h.ring.position <= c.seq:
		return 0, reasonReset // it cannot be: the ring holds everything after its position
	case h.ring.position-c.seq > uint64(h.opts.ReplayFrames):
		return 0, reasonTooMany
	}
	// From now on the place is found by sequence, as for a client that resumes.
	c.resuming, c.lenient, c.cursor = true, true, h.ring.next
	return h.ring.position, resyncReason{}
}

// awaitPosition waits a moment for the hub to receive events that the client has
// from another gateway; if they do not come, it is told to reload.
func (c *client) awaitPosition() {
	deadline := time.Now().Add(c.hub.opts.ReplayWait)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for time.Now().Before(deadline) {
		select {
		case <-tick.C:
		case <-c.gone:
			return
		}
		c.shard.mu.Lock()
		pending := len(c.control) > 0 || c.closing != nil || c.state == gone
		cursor := c.cursor
		c.shard.mu.Unlock()
		c.hub.mu.Lock()
		arrived := c.hub.ring.position >= c.seq || c.hub.ring.resume > cursor
		c.hub.mu.Unlock()
		if pending || arrived {
			return
		}
	}
	c.resync(reasonBroker)
}

// resync tells the client to reload, and lets it go on with what its shard offers next.
func (c *client) resync(reason resyncReason) {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	c.appendResync(reason)
	c.seq, c.cursor, c.resuming = c.shard.seq, c.shard.next.Load(), false
}

// appendResync queues a resync frame. The shard's mutex is held.
func (c *client) appendResync(reason resyncReason) {
	h := c.hub
	h.mu.Lock()
	oldest := h.oldest
	h.mu.Unlock()
	raw, err := frame.Resync(c.shard.seq, oldest, reason.words, time.Now())
	if err != nil {
		h.log.Error().Err(err).Msg("cannot encode a resync frame")
		c.abort()
		return
	}
	c.control = append(c.control, raw...)
	h.metrics.resyncs.WithLabelValues(reason.label).Inc()
}
