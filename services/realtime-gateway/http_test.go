package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	gateway "github.com/tasktracker/tasktracker/services/realtime-gateway"
)

// handshake is what a browser sends to open a WebSocket.
func handshake(extra ...string) http.Header {
	h := http.Header{
		"Connection": {"Upgrade"}, "Upgrade": {"websocket"},
		"Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"dGhlIHNhbXBsZSBub25jZQ=="},
	}
	for i := 0; i < len(extra); i += 2 {
		h.Set(extra[i], extra[i+1])
	}
	return h
}

func TestHandler_RefusesInJSON(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.AllowedOrigins = []string{"https://app.example"}
	r := start(t, cfg)
	cases := []struct {
		name, path string
		header     http.Header
		status     int
		says       string
	}{
		{"no handshake", "/ws", nil, http.StatusUpgradeRequired, "WebSocket"},
		{"foreign page", "/ws", handshake("Origin", "https://evil.example"), http.StatusForbidden, "origin"},
		{"sandboxed page", "/ws", handshake("Origin", "null"), http.StatusForbidden, "origin"},
		{"old version", "/ws", handshake("Sec-Websocket-Version", "8"), http.StatusBadRequest, "version"},
		{"bad key", "/ws", handshake("Sec-Websocket-Key", "short"), http.StatusBadRequest, "Key"},
		{"other path", "/ws/more", handshake(), http.StatusNotFound, "/ws"},
	}
	for _, tc := range cases {
		response, detail := r.get(tc.path, tc.header)
		if response.StatusCode != tc.status || !strings.Contains(detail, tc.says) || response.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s: %d %q, want %d about %q in JSON", tc.name, response.StatusCode, detail, tc.status, tc.says)
		}
	}
	response, err := http.Post(r.server.URL+"/ws", "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET" {
		t.Errorf("POST: %d, Allow %q", response.StatusCode, response.Header.Get("Allow"))
	}
	conn, _, err := websocket.DefaultDialer.Dial(r.url(""), http.Header{"Origin": {"https://app.example"}})
	if err != nil {
		t.Fatalf("a listed origin is refused: %v", err)
	}
	_ = conn.Close()
}

func TestHandler_RefusesMoreClientsThanItTakes(t *testing.T) {
	t.Parallel()
	cfg := config()
	cfg.MaxClients = 2
	r := start(t, cfg)
	a, _ := r.dial("")
	b, _ := r.dial("?since=0")
	// A handshake that fails leaves its place free.
	r.get("/ws", handshake("Sec-Websocket-Key", "short"))
	response, _ := r.get("/ws", handshake())
	if response.StatusCode != http.StatusServiceUnavailable || response.Header.Get("Retry-After") == "" {
		t.Errorf("got %d, Retry-After %q", response.StatusCode, response.Header.Get("Retry-After"))
	}
	_ = a.Close()
	eventually(t, "a place is free", func() bool { return r.value("tasktracker_gateway_clients") == 1 })
	c, _ := r.dial("")
	r.publish(1, 1)
	b.expect(1, 1)
	c.expect(1, 1)
}

func TestConfig_NamesEverySettingThatIsWrong(t *testing.T) {
	t.Parallel()
	cfg := gateway.Config{AllowedOrigins: []string{"nowhere"}, PublicBaseURL: "x", TrustedProxies: []string{"y"}, SlowAfter: -1}
	err := cfg.Validate()
	for _, name := range []string{
		"WS_ALLOWED_ORIGINS", "WS_QUEUE_BYTES", "WS_QUEUE_FRAMES", "WS_SLOW_AFTER", "WS_WRITE_TIMEOUT",
		"WS_PING_INTERVAL", "WS_MAX_CLIENTS", "PUBLIC_BASE_URL", "TRUSTED_PROXIES",
	} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error does not name %s: %v", name, err)
		}
	}
	if err := config().Validate(); err != nil {
		t.Errorf("the defaults are refused: %v", err)
	}
}

func TestReady_SaysWhenEventsDoNotCome(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t) // no streams yet
	b := server.Connect(t)
	svc, err := gateway.New(config(), gateway.Deps{Bus: b, Log: zerolog.Nop(), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	r := serve(t, svc, b)
	if response, _ := r.get("/ws", handshake()); response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("before the first look at the stream: %d, want 503", response.StatusCode)
	}
	if svc.Ready(t.Context()) == nil {
		t.Error("ready without a stream")
	}
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is ready", func() bool { return svc.Ready(t.Context()) == nil })
	r.dial("")
}

func TestShutdown_SendsEveryClientAwayWithWhatWaits(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	const clients = 150 // more than are sent away at a time
	peers := make([]*peer, clients)
	for i := range peers {
		peers[i], _ = r.dial("")
	}
	const waits = 20 // frames that wait for each; all are read before the stop's own bound
	r.publish(1, waits)
	peers[0].expect(1, waits)
	stopped := make(chan struct{})
	go func() { defer close(stopped); r.stop() }()
	for i, p := range peers {
		if i > 0 {
			p.expect(1, waits)
		}
		if closed := p.expectClose(websocket.CloseGoingAway); !strings.Contains(closed.Text, "random") {
			t.Fatalf("reason %q does not tell to come back with jitter", closed.Text)
		}
	}
	<-stopped
	if r.Ready(t.Context()) == nil {
		t.Error("ready after the stop")
	}
	if response, _ := r.get("/ws", handshake()); response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("a new client gets %d, want 503", response.StatusCode)
	}
	r.counts("tasktracker_gateway_clients", 0)
}

func TestShutdown_DoesNotWaitForEverForAClientThatTakesNothing(t *testing.T) {
	t.Parallel()
	r := start(t, config())
	r.dialWith("", smallBuffers())
	silent, _ := r.dial("")
	for n := 1; n < 2500; n += 100 {
		r.publish(n, n+99)
	}
	eventually(t, "it is behind", func() bool { return r.value("tasktracker_gateway_queued_bytes") > 0 })
	began := time.Now()
	r.stop()
	if took := time.Since(began); took > patience { // its own bound is ten seconds
		t.Errorf("the stop took %s", took)
	}
	_ = silent.Close()
}

func TestBroker_LostAndBack(t *testing.T) {
	t.Parallel()
	server := bustest.NewRestartable(t)
	r := startOn(t, config(), server.Connect())
	p, _ := r.dial("")
	r.publish(1, 3)
	p.expect(1, 3)
	server.Stop()
	eventually(t, "the gateway is not ready", func() bool { return r.Ready(t.Context()) != nil })
	p.write(websocket.TextMessage, "{}")
	p.expectError() // it is connected as before
	server.Start()
	publisher := &rig{t: t, bus: server.Connect()}
	publisher.publish(4, 6)
	p.expect(4, 6)
	eventually(t, "the gateway is ready again", func() bool { return r.Ready(t.Context()) == nil })
}
