package chaos

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tasktracker/tasktracker/tests/line"
)

const (
	// reconnectAfter is the pause before the client connects again.
	reconnectAfter = 20 * time.Millisecond
	// silentFor is after how long without a frame or ping the client takes the
	// connection for dead; the gateway is told to ping more often.
	silentFor = 15 * time.Second
)

// Client is a WebSocket client as the contract asks for: it remembers the last seq,
// connects again with ?since= whenever it loses the connection, and reads the API where
// it is told to reload.
type Client struct {
	t    testing.TB
	base string
	quit chan struct{}
	done chan struct{}
	also []func(line.Frame)

	mu       sync.Mutex
	away     chan struct{} // closed at Resume; nil where the client is not to stay away
	conn     *websocket.Conn
	last     uint64
	seen     bool // last is known
	jumped   bool // the connection frame was ahead of last
	tasks    map[int64]int
	others   map[string]int // message.new of what is not a Load's
	fresh    map[string]int
	order    map[string][]string // per chat, message numbers as message.new came
	updated  map[string]int
	reloaded map[string]bool
	reread   map[string]bool // what is not a Load's and was read after a resync frame; tasks as taskKey says
	connects int
	resyncs  int
	faults   []string
}

// StartClient connects to base + /ws and stays connected until the test ends. also are told
// of each event, one after another.
func StartClient(t testing.TB, base string, also ...func(line.Frame)) *Client {
	t.Helper()
	c := &Client{
		t: t, base: base, also: also, quit: make(chan struct{}), done: make(chan struct{}),
		tasks: map[int64]int{}, others: map[string]int{}, fresh: map[string]int{}, order: map[string][]string{}, updated: map[string]int{}, reloaded: map[string]bool{}, reread: map[string]bool{},
	}
	go c.run()
	t.Cleanup(c.Close)
	line.Eventually(t, func() bool { return c.Connects() > 0 }, func() string { return "the client does not get a connection frame" })
	return c
}

// Close ends the client.
func (c *Client) Close() {
	select {
	case <-c.quit:
	default:
		close(c.quit)
	}
	c.Drop()
	<-c.done
}

// Drop breaks the connection, as a network does; the client comes back.
func (c *Client) Drop() {
	c.mu.Lock()
	conn := c.conn
	c.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
}

// Pause breaks the connection and stays away until Resume.
func (c *Client) Pause() {
	c.mu.Lock()
	c.away = make(chan struct{})
	c.mu.Unlock()
	c.Drop()
}

// Resume comes back after Pause.
func (c *Client) Resume() {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.away)
	c.away = nil
}

// Last is the seq of the last event that the client has.
func (c *Client) Last() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

func (c *Client) run() {
	defer close(c.done)
	for {
		c.session()
		select {
		case <-c.quit:
			return
		case <-time.After(reconnectAfter):
		}
		c.mu.Lock()
		away := c.away
		c.mu.Unlock()
		if away != nil {
			select {
			case <-away:
			case <-c.quit:
				return
			}
		}
	}
}

// session is one connection, to its end.
func (c *Client) session() {
	url := strings.Replace(c.base, "http", "ws", 1) + "/ws"
	c.mu.Lock()
	if c.seen {
		url += fmt.Sprintf("?since=%d", c.last)
	}
	c.mu.Unlock()
	dialer := websocket.Dialer{HandshakeTimeout: answerWithin}
	conn, resp, err := dialer.Dial(url, nil)
	if err != nil {
		return
	}
	resp.Body.Close()
	defer conn.Close()
	c.mu.Lock()
	c.conn = conn
	away := c.away != nil
	c.mu.Unlock()
	select {
	case <-c.quit: // Close and Pause may have looked before the connection was there
		return
	default:
	}
	if away {
		return
	}
	alive := func() { _ = conn.SetReadDeadline(time.Now().Add(silentFor)) }
	alive()
	answer := conn.PingHandler()
	conn.SetPingHandler(func(data string) error { alive(); return answer(data) })
	for {
		var f line.Frame
		if conn.ReadJSON(&f) != nil {
			return
		}
		alive()
		if f.Type == "resync" {
			c.reload(f)
			continue
		}
		c.take(f)
	}
}

// take counts one frame.
func (c *Client) take(f line.Frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.Type == "connection" {
		c.connects++
		if !c.seen {
			c.last, c.seen = f.Seq, true
		}
		c.jumped = f.Seq > c.last // what lies between is lost where no resync frame follows
		return
	}
	if c.jumped {
		c.fault("the connection frame went beyond seq %d, and %s with seq %d followed", c.last, f.Type, f.Seq)
		c.jumped = false
	}
	if f.Type == "error" {
		c.fault("error frame: %s", f.Data)
		return
	}
	if f.Seq <= c.last {
		c.fault("%s with seq %d came after seq %d", f.Type, f.Seq, c.last)
	}
	c.last = f.Seq
	for _, tell := range c.also {
		tell(f)
	}
	if f.Type == "task_created" {
		var task struct{ ID int64 }
		if err := json.Unmarshal(f.Data, &task); err != nil {
			c.fault("%s with seq %d: %v", f.Type, f.Seq, err)
		}
		c.tasks[task.ID]++
	}
	if !strings.HasPrefix(f.Type, "message.") {
		return
	}
	var m line.Message
	if err := json.Unmarshal(f.Data, &m); err != nil {
		c.fault("%s with seq %d: %v", f.Type, f.Seq, err)
		return
	}
	if !ours(m.Key()) {
		if f.Type == "message.new" {
			c.others[m.Key()]++
		}
		return
	}
	if f.Type != "message.new" {
		c.updated[m.Key()]++
		return
	}
	c.fresh[m.Key()]++
	chat, number, _ := strings.Cut(m.Key(), "/")
	c.order[chat] = append(c.order[chat], number)
}

// reload does what a resync frame asks for: read everything, go on after its seq.
func (c *Client) reload(f line.Frame) {
	c.mu.Lock()
	c.resyncs++
	c.last, c.jumped = f.Seq, false
	c.mu.Unlock()
	for {
		messages, err := line.ReadMessages(c.base, "")
		tasks, tasksErr := line.ReadTaskIDs(c.base)
		if err == nil && tasksErr == nil {
			c.mu.Lock()
			for _, m := range messages {
				if ours(m.Key()) {
					c.reloaded[m.Key()] = true
				} else {
					c.reread[m.Key()] = true
				}
			}
			for _, id := range tasks {
				c.reread[taskKey(id)] = true
			}
			c.mu.Unlock()
			return
		}
		select {
		case <-time.After(reconnectAfter):
		case <-c.quit:
			return
		}
	}
}

func taskKey(id int64) string { return fmt.Sprintf("task %d", id) }

// knows says whether the client has heard of what has this key, n times by its event: once,
// or never where it was told to reload and read it then. The mutex is held.
func (c *Client) knows(key string, n int) bool { return n == 1 || n == 0 && c.reread[key] }

// fault keeps what must not happen. The mutex is held.
func (c *Client) fault(format string, args ...any) {
	c.faults = append(c.faults, fmt.Sprintf(format, args...))
}

// Connects is how often the client got a connection.
func (c *Client) Connects() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.connects
}

// String says what the client went through, for the test's log.
func (c *Client) String() string {
	return fmt.Sprintf("client: %d connections, %d reloads", c.Connects(), c.Resyncs())
}

// Resyncs is how often the client was told to reload.
func (c *Client) Resyncs() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.resyncs
}

// known is how many different messages the client knows of, by any means.
func (c *Client) known() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := len(c.fresh)
	for k := range c.updated {
		if c.fresh[k] == 0 {
			n++
		}
	}
	for k := range c.reloaded {
		if c.fresh[k] == 0 && c.updated[k] == 0 {
			n++
		}
	}
	return n
}
