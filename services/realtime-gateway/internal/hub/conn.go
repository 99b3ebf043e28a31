package hub

import (
	"bufio"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// Conn is a network connection whose reading side belongs to gorilla/websocket.
// What that library writes by itself (pongs, close frames for a client that breaks
// the protocol) goes through the client, so that it never lands inside a frame.
type Conn struct {
	net.Conn
	client atomic.Pointer[client] // nil until the handshake is over
}

// Write takes one whole control frame once the handshake is over.
func (c *Conn) Write(p []byte) (int, error) {
	client := c.client.Load()
	if client == nil {
		return c.Conn.Write(p)
	}
	if frame.IsClose(p) {
		client.close(closingOf(p), false)
		return len(p), nil
	}
	if err := client.send(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// SetWriteDeadline is the library's; after the handshake deadlines are the client's.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if c.client.Load() != nil {
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// Hijacker is a response writer that gives its connection away as a Conn.
type Hijacker struct {
	http.ResponseWriter
	Taken *Conn // set by Hijack
}

// Hijack implements http.Hijacker.
func (h *Hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.Taken = &Conn{Conn: conn}
	return h.Taken, rw, nil
}
