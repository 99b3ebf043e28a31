package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/wire"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	gateway "github.com/tasktracker/tasktracker/services/realtime-gateway"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, bustest.LeftByClient())
}

// patience is how long a test waits for what must happen.
const patience = time.Minute

// config is the gateway's defaults, as main reads them.
func config() gateway.Config {
	return gateway.Config{
		QueueBytes: 1 << 20, QueueFrames: 4096, SlowAfter: 5 * time.Second, WriteTimeout: 10 * time.Second,
		PingInterval: 30 * time.Second, MaxClients: 1000,
	}
}

// rig is a gateway behind a real HTTP server, on a broker of its own.
type rig struct {
	*gateway.Service
	t       testing.TB
	bus     *bus.Bus
	server  *httptest.Server
	metrics *prometheus.Registry
	stop    func() // ends Run and waits for it
}

func start(t testing.TB, cfg gateway.Config) *rig {
	t.Helper()
	return startOn(t, cfg, bustest.New(t))
}

func startOn(t testing.TB, cfg gateway.Config, b *bus.Bus) *rig {
	t.Helper()
	metrics := prometheus.NewRegistry()
	svc, err := gateway.New(cfg, gateway.Deps{Bus: b, Log: zerolog.Nop(), Metrics: metrics})
	if err != nil {
		t.Fatalf("new gateway: %v", err)
	}
	r := serve(t, svc, b)
	r.metrics = metrics
	eventually(t, "the gateway is ready", func() bool { return r.Ready(t.Context()) == nil })
	return r
}

// serve runs a gateway behind a real HTTP server.
func serve(t testing.TB, svc *gateway.Service, b *bus.Bus) *rig {
	t.Helper()
	r := &rig{Service: svc, t: t, bus: b}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Run(ctx) }()
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
	t.Cleanup(r.stop)
	r.server = httptest.NewServer(r.Handler())
	t.Cleanup(r.server.Close)
	return r
}

// eventually waits for a condition that has no signal.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("gave up waiting: %s", what)
		}
	}
}

// publish puts one message.new for each of the given numbers into the stream.
func (r *rig) publish(from, to int) {
	r.t.Helper()
	var messages []bus.Message
	for n := from; n <= to; n++ {
		messages = append(messages, r.event(bus.SubjectMessageNew, newMessage(n)))
	}
	if err := r.bus.Publish(r.t.Context(), messages...); err != nil {
		r.t.Fatalf("publish %d to %d: %v", from, to, err)
	}
}

func (r *rig) event(subject string, e *eventsv1.Event) bus.Message {
	r.t.Helper()
	m, err := bus.NewMessage(subject, "", e)
	if err != nil {
		r.t.Fatal(err)
	}
	return m
}

// emit publishes one event.
func (r *rig) emit(subject string, e *eventsv1.Event) {
	r.t.Helper()
	if err := r.bus.Publish(r.t.Context(), r.event(subject, e)); err != nil {
		r.t.Fatalf("publish to %s: %v", subject, err)
	}
}

func newMessage(n int) *eventsv1.Event {
	at := timestamppb.New(time.Date(2026, 5, 4, 3, 2, 1, n, time.UTC))
	return &eventsv1.Event{OccurredAt: at, Payload: &eventsv1.Event_MessageNew{MessageNew: &eventsv1.MessageNew{Message: &eventsv1.Message{
		SourceName: "telegram", ChatId: "-100", ExternalMessageId: fmt.Sprint(n), Content: "text <b>&</b> " + fmt.Sprint(n), Author: "Olena Kovalenko", AuthorId: "77", SentAt: at,
	}}}}
}

func settingsUpdated(section string) *eventsv1.Event {
	return &eventsv1.Event{OccurredAt: timestamppb.Now(), Payload: &eventsv1.Event_SettingsUpdated{SettingsUpdated: &eventsv1.SettingsUpdated{Section: section}}}
}

func taskCreated(id int64) *eventsv1.Event {
	return &eventsv1.Event{OccurredAt: timestamppb.Now(), Payload: &eventsv1.Event_TaskCreated{TaskCreated: &eventsv1.TaskCreated{Task: &eventsv1.Task{
		Id: id, Title: "Login fails", Category: "bug", Priority: "high", Source: "telegram", Status: "open", CreatedAt: timestamppb.Now(),
	}}}}
}

// peer is a WebSocket client.
type peer struct {
	*websocket.Conn
	t testing.TB
}

// got is one frame as a client sees it.
type got struct {
	Type string          `json:"type"`
	Seq  uint64          `json:"seq"`
	TS   time.Time       `json:"ts"`
	Data json.RawMessage `json:"data"`
	raw  []byte
}

func (r *rig) url(query string) string {
	return "ws" + strings.TrimPrefix(r.server.URL, "http") + "/ws" + query
}

// dial connects and reads the first frame.
func (r *rig) dial(query string) (*peer, got) {
	r.t.Helper()
	return r.dialWith(query, websocket.DefaultDialer)
}

func (r *rig) dialWith(query string, dialer *websocket.Dialer) (*peer, got) {
	r.t.Helper()
	conn, response, err := dialer.DialContext(r.t.Context(), r.url(query), nil)
	if err != nil {
		r.t.Fatalf("dial %s: %v (%v)", query, err, response)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	p := &peer{Conn: conn, t: r.t}
	first := p.frame()
	if first.Type != "connection" {
		r.t.Fatalf("first frame is %s, want connection", first.raw)
	}
	return p, first
}

// smallBuffers is a dialer whose connections hold little, so that a client that
// does not read is soon noticed.
func smallBuffers() *websocket.Dialer {
	return &websocket.Dialer{NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetReadBuffer(32 << 10)
		}
		return conn, err
	}}
}

func (p *peer) frame() got {
	p.t.Helper()
	f, err := p.next()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return f
}

func (p *peer) next() (got, error) {
	if err := p.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return got{}, err
	}
	kind, raw, err := p.ReadMessage()
	if err != nil {
		return got{}, err
	}
	f := got{raw: raw}
	if err := json.Unmarshal(raw, &f); err != nil || kind != websocket.TextMessage {
		return f, fmt.Errorf("frame %q of kind %d: %w", raw, kind, err)
	}
	return f, nil
}

// number is the number of a message.new that publish made.
func (g got) number() string {
	var data struct {
		ID string `json:"external_message_id"`
	}
	_ = json.Unmarshal(g.Data, &data)
	return data.ID
}

// expect reads the message.new frames with these numbers, in order.
func (p *peer) expect(from, to int) (last got) {
	p.t.Helper()
	for n := from; n <= to; n++ {
		last = p.frame()
		if last.Type != wire.TypeMessageNew || last.number() != fmt.Sprint(n) {
			p.t.Fatalf("got %s, want message.new number %d", last.raw, n)
		}
	}
	return last
}

// expectClose reads until the connection is closed, which must be with this code.
func (p *peer) expectClose(code int) *websocket.CloseError {
	p.t.Helper()
	for {
		_, err := p.next()
		if err == nil {
			continue
		}
		closed, ok := errors.AsType[*websocket.CloseError](err)
		if !ok || closed.Code != code {
			p.t.Fatalf("ended with %v, want close code %d", err, code)
		}
		return closed
	}
}

func (p *peer) write(kind int, text string) {
	p.t.Helper()
	if err := p.WriteMessage(kind, []byte(text)); err != nil {
		p.t.Fatalf("write: %v", err)
	}
}

// expectError reads the next frame, which must be an error frame.
func (p *peer) expectError() string {
	p.t.Helper()
	f := p.frame()
	var data struct {
		Message string `json:"message"`
	}
	if err := json.Unmarshal(f.Data, &data); err != nil || f.Type != "error" || data.Message == "" {
		p.t.Fatalf("got %s, want an error frame", f.raw)
	}
	return data.Message
}

// counts waits until a counter or gauge has come to want: it may be counted after the client has
// what is counted.
func (r *rig) counts(name string, want float64, labels ...string) {
	r.t.Helper()
	eventually(r.t, fmt.Sprintf("%s %v counts %g", name, labels, want), func() bool { return r.value(name, labels...) == want })
}

// value is a counter's or gauge's sum over its labels that contain all of want.
func (r *rig) value(name string, want ...string) float64 {
	r.t.Helper()
	families, err := r.metrics.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	sum := 0.0
	for _, family := range families {
		if family.GetName() != name {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := m.String()
			match := true
			for _, w := range want {
				match = match && strings.Contains(labels, w)
			}
			if match {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// get asks for a path without a WebSocket handshake of its own.
func (r *rig) get(path string, header http.Header) (*http.Response, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.server.URL+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header = header
	response, err := r.server.Client().Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	var body struct {
		Detail string `json:"detail"`
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil || body.Detail == "" {
		r.t.Errorf("GET %s: answer %d is no JSON with a detail: %v", path, response.StatusCode, err)
	}
	return response, body.Detail
}
