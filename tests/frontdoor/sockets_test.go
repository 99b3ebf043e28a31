package frontdoor

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tasktracker/tasktracker/tests/line"
)

// A WebSocket goes through a reload of nginx, every gateway gets some, and a client whose
// gateway is restarted comes back to what it missed.
func (d *door) sockets() {
	url := strings.Replace(d.base, "http", "ws", 1) + "/ws"
	if _, _, err := websocket.DefaultDialer.Dial(url, http.Header{"Origin": {"https://evil.example"}}); err == nil {
		d.t.Error("a page of another origin is let in")
	}
	conn := d.connect(url, "Origin", d.base)
	d.await(conn, "connection")
	d.nginx.signal(d.t, syscall.SIGHUP)
	if status, said := line.PostUpdate(d.t, d.base, line.TelegramText(500, -1003, 500, "after a reload")); status != 200 {
		d.t.Errorf("webhook: %d %s", status, said)
	}
	last := d.await(conn, "message.new")

	for range 12 { // that all get to the same gateway has a chance of one in four thousand
		d.await(d.connect(url), "connection")
	}
	for i, p := range d.processes["realtime-gateway"] {
		if _, figures, _ := d.ask(http.MethodGet, p.Base()+"/metrics", ""); strings.Contains(figures, "\ntasktracker_gateway_clients 0\n") {
			d.t.Errorf("gateway %d got no client", i)
		}
	}

	d.restart("realtime-gateway", 0)
	if status, said := line.PostUpdate(d.t, d.base, line.TelegramText(501, -1003, 501, "while it was away")); status != 200 {
		d.t.Errorf("webhook: %d %s", status, said)
	}
	d.restart("realtime-gateway", 1)
	again := d.connect(fmt.Sprintf("%s?since=%d", url, last))
	d.await(again, "connection")
	if seq := d.await(again, "message.new"); seq <= last {
		d.t.Errorf("after %d the client got %d", last, seq)
	}
}

// connect opens a WebSocket that is closed when the test ends.
func (d *door) connect(url string, header ...string) *websocket.Conn {
	d.t.Helper()
	headers := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		headers.Set(header[i], header[i+1])
	}
	conn, resp, err := websocket.DefaultDialer.Dial(url, headers)
	if err != nil {
		d.t.Fatal(err)
	}
	resp.Body.Close()
	d.t.Cleanup(func() { conn.Close() })
	if err := conn.SetReadDeadline(time.Now().Add(line.Patience)); err != nil {
		d.t.Fatal(err)
	}
	return conn
}

// await reads until a frame of a type comes, and gives its seq.
func (d *door) await(conn *websocket.Conn, kind string) uint64 {
	d.t.Helper()
	for {
		var frame struct {
			Type string
			Seq  uint64
		}
		if err := conn.ReadJSON(&frame); err != nil {
			d.t.Fatalf("waiting for %s: %v", kind, err)
		}
		if frame.Type == kind {
			return frame.Seq
		}
	}
}

// restart ends a copy of a service as at an upgrade, and starts it again at its address.
func (d *door) restart(service string, i int) {
	d.t.Helper()
	if code := d.processes[service][i].Stop(syscall.SIGTERM); code != 0 {
		d.t.Errorf("%s exited with %d", service, code)
	}
	d.processes[service][i] = d.run(service, fmt.Sprintf("127.0.0.%d", 11+i))
	d.processes[service][i].URL()
}
