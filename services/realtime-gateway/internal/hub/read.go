package hub

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// read takes what the client sends until the connection is over, and then takes
// the client out of the hub.
func (c *client) read(ws *websocket.Conn) {
	defer c.leave()
	opts := &c.hub.opts
	limiter := rate.NewLimiter(rate.Limit(opts.CommandRate), opts.CommandBurst)
	ws.SetReadLimit(opts.CommandLimit)
	ws.SetPongHandler(func(string) error { return c.heard(limiter) })
	ws.SetPingHandler(func(data string) error {
		if err := c.heard(limiter); err != nil {
			return err
		}
		// Conn.Write puts it in its place among what the client is sent.
		return ignoreClosing(ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(opts.WriteTimeout)))
	})
	ws.SetCloseHandler(func(code int, _ string) error {
		c.saidGoodbye(code)
		return nil
	})
	c.extendDeadline()
	err := c.readFrames(ws, limiter)
	if errors.Is(err, errFlood) {
		c.close(CloseFlood, false)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		c.close(CloseNoPong, false)
	}
	c.linger(err)
}

// pongWaits is how many ping intervals a client may be silent: it can miss one ping.
const pongWaits = 2.5

// extendDeadline gives the client time until it must be heard of again. Once it is
// being closed the time is set by sayGoodbye.
func (c *client) extendDeadline() {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	if c.closing == nil {
		// Where it fails the connection is closed, which the next read tells.
		_ = c.conn.SetReadDeadline(time.Now().Add(time.Duration(float64(c.hub.opts.PingInterval) * pongWaits)))
	}
}

// heard counts a frame of the client against what it may send.
func (c *client) heard(limiter *rate.Limiter) error {
	c.extendDeadline()
	if !limiter.Allow() && !c.isClosing() {
		return errFlood
	}
	return nil
}

func (c *client) isClosing() bool {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	return c.closing != nil || c.state == gone
}

// saidGoodbye answers the client's close frame, or ends the wait for it.
func (c *client) saidGoodbye(code int) {
	c.shard.mu.Lock()
	defer c.shard.mu.Unlock()
	if c.closing == nil {
		c.byClient = true
	}
	if code == websocket.CloseNoStatusReceived {
		code = websocket.CloseNormalClosure
	}
	c.closeLocked(Closing{Code: uint16(code)}, false)
}

// readFrames answers the client's frames. Once the client is being closed they are
// read, since its close frame is among them, and nothing more.
func (c *client) readFrames(ws *websocket.Conn, limiter *rate.Limiter) error {
	buf := make([]byte, 0, 128)
	for {
		kind, r, err := ws.NextReader()
		if err != nil {
			return err
		}
		if err := c.heard(limiter); err != nil {
			return err
		}
		if buf, err = readUpTo(buf[:0], r, frame.MaxCommand+1); err != nil {
			return err
		}
		if c.isClosing() {
			continue
		}
		if err := ignoreClosing(c.obey(kind, buf)); err != nil {
			return err
		}
		if cap(buf) > 1024 {
			buf = make([]byte, 0, 128) // an idle client keeps no large buffer
		}
	}
}

// readUpTo appends at most limit bytes of r to buf. The rest of the message is
// skipped by the next call of NextReader.
func readUpTo(buf []byte, r io.Reader, limit int) ([]byte, error) {
	for len(buf) < limit {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := r.Read(buf[len(buf):min(cap(buf), limit)])
		buf = buf[:len(buf)+n]
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
	return buf, nil
}

// obey does what a frame of the client says, or answers that it was not understood.
func (c *client) obey(kind int, raw []byte) error {
	if kind != websocket.TextMessage {
		return c.complain("The frame is binary: send JSON text")
	}
	command, err := frame.ParseCommand(raw)
	switch {
	case err != nil:
		return c.complain(err.Error())
	case command.Ping:
		return c.pong()
	}
	c.setTypes(command.Types)
	return nil
}

// ignoreClosing is nil for a frame that came too late to be answered.
func ignoreClosing(err error) error {
	if errors.Is(err, errClosing) {
		return nil
	}
	return err
}

// linger lets the close frame reach the client: it waits until that is written,
// and reads on where the client has not said goodbye itself, since closing a
// connection with something unread would take back what was written last.
func (c *client) linger(err error) {
	if !c.isClosing() {
		return // it is lost, there is nobody to say goodbye to
	}
	timeout := time.NewTimer(c.hub.opts.WriteTimeout + c.hub.opts.CloseWait)
	defer timeout.Stop()
	select {
	case <-c.said:
	case <-timeout.C:
		return
	}
	if _, ok := errors.AsType[*websocket.CloseError](err); ok {
		return
	}
	_ = c.conn.SetReadDeadline(time.Now().Add(c.hub.opts.CloseWait))
	_, _ = io.Copy(io.Discard, c.conn) // until the client closes, or the deadline
}
