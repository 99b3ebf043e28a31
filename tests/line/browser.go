package line

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
)

// Frame is one frame of GET /ws.
type Frame struct {
	Type string          `json:"type"`
	Seq  uint64          `json:"seq"`
	Data json.RawMessage `json:"data"`
}

// Browser is a WebSocket client that counts what it sees, as a page would.
type Browser struct {
	conn *websocket.Conn
	done chan struct{}

	mu     sync.Mutex
	frames []Frame
}

// OpenBrowser connects to /ws with a query ("" or "?...") and waits for the first frame.
func OpenBrowser(t testing.TB, base, query string) *Browser {
	t.Helper()
	conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(base, "http", "ws", 1)+"/ws"+query, nil)
	if err != nil {
		t.Fatalf("open /ws: %v", err)
	}
	resp.Body.Close()
	b := &Browser{conn: conn, done: make(chan struct{})}
	go func() {
		defer close(b.done)
		for {
			var f Frame
			if conn.ReadJSON(&f) != nil {
				return
			}
			b.mu.Lock()
			b.frames = append(b.frames, f)
			b.mu.Unlock()
		}
	}()
	t.Cleanup(b.Close)
	Eventually(t, func() bool { return len(b.OfType("connection")) == 1 }, func() string { return "no connection frame" })
	return b
}

// Close ends the connection.
func (b *Browser) Close() {
	b.conn.Close()
	<-b.done
}

// OfType lists the frames of a type in the order in which they came.
func (b *Browser) OfType(kind string) []Frame {
	b.mu.Lock()
	defer b.mu.Unlock()
	var found []Frame
	for _, f := range b.frames {
		if f.Type == kind {
			found = append(found, f)
		}
	}
	return found
}

// Seen counts, per message, the frames of a type.
func (b *Browser) Seen(kind string) map[string]int {
	counts := map[string]int{}
	for _, f := range b.OfType(kind) {
		var m Message
		if json.Unmarshal(f.Data, &m) == nil {
			counts[m.Key()]++
		}
	}
	return counts
}
