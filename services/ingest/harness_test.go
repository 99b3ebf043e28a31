package ingest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/ingest"
)

// settingsKey seals what the tests set.
const settingsKey = "Zk1c3Vjc2Vzcy1pcy1qdXN0LWEtd29yZC1oZXJl"

func ring(t testing.TB, key string) *secrets.Ring {
	t.Helper()
	r, err := secrets.NewRing(key)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// world is one ingest with a broker of its own, behind a real HTTP server.
type world struct {
	t      testing.TB
	bus    *bus.Bus
	server *httptest.Server
	log    *logBuffer
	svc    *ingest.Service
	endRun func() // ends Run and waits for it, once; requests are still answered
	stop   func() // endRun, and no more requests
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// drain gives what was logged since the last drain.
func (b *logBuffer) drain() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.text.Reset()
	return b.text.String()
}

func webhookConfig() ingest.Config {
	return ingest.Config{TelegramMode: ingest.ModeWebhook, TelegramAPIBaseURL: "https://api.telegram.org"}
}

func newWorld(t testing.TB, cfg ingest.Config) *world {
	t.Helper()
	return onBus(t, cfg, bustest.New(t))
}

func onBus(t testing.TB, cfg ingest.Config, b *bus.Bus) *world {
	t.Helper()
	w := start(t, cfg, b)
	w.eventually("ingest is not ready", func() bool { return w.svc.Ready(t.Context()) == nil })
	return w
}

// start does not wait until ingest is ready.
func start(t testing.TB, cfg ingest.Config, b *bus.Bus) *world {
	t.Helper()
	w := &world{t: t, bus: b, log: &logBuffer{}}
	// As the first worker does, where nobody has.
	err := b.UpdateTelegramBot(t.Context(), func(now bus.TelegramBot) (bus.TelegramBot, error) { return now, nil })
	if err != nil {
		t.Fatal(err)
	}
	w.svc, err = ingest.New(cfg, ingest.Deps{Bus: b, Secrets: ring(t, settingsKey), Log: zerolog.New(w.log), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.svc.Run(ctx) }()
	w.server = newServer(t, w.svc)
	w.endRun = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	w.stop = func() {
		w.server.Close()
		w.endRun()
	}
	t.Cleanup(w.stop)
	return w
}

// newServer serves a service that need not run.
func newServer(t testing.TB, svc *ingest.Service) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(svc.Handler())
	t.Cleanup(server.Close)
	return server
}

// eventually waits until ok is true.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			w.t.Fatal(what)
		case <-tick.C:
		}
	}
}

// post sends a body and gives status, body and header of the answer.
func (w *world) post(body string, header ...string) (int, string, http.Header) {
	w.t.Helper()
	req, err := http.NewRequest(http.MethodPost, w.server.URL+"/webhook/telegram", strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.server.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(said)), resp.Header
}

// read is every message of a stream.
func (w *world) read(stream string) []*jetstream.RawStreamMsg {
	w.t.Helper()
	s, err := w.bus.JetStream().Stream(w.t.Context(), stream)
	if err != nil {
		w.t.Fatal(err)
	}
	info, err := s.Info(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var all []*jetstream.RawStreamMsg
	for seq := max(1, info.State.FirstSeq); seq <= info.State.LastSeq; seq++ {
		raw, err := s.GetMsg(w.t.Context(), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, raw)
	}
	return all
}

// stored is every message of a stream, unmarshalled.
func stored[T proto.Message](w *world, stream string, make func() T) []T {
	w.t.Helper()
	var all []T
	for _, raw := range w.read(stream) {
		m := make()
		if err := proto.Unmarshal(raw.Data, m); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func newInbound() *eventsv1.Inbound       { return &eventsv1.Inbound{} }
func newEvent() *eventsv1.Event           { return &eventsv1.Event{} }
func newDeadLetter() *eventsv1.DeadLetter { return &eventsv1.DeadLetter{} }

func (w *world) inbound() []*eventsv1.Inbound { return stored(w, bus.StreamInbound, newInbound) }
func (w *world) events() []*eventsv1.Event    { return stored(w, bus.StreamEvents, newEvent) }
func (w *world) deadLetters() []*eventsv1.DeadLetter {
	return stored(w, bus.StreamDeadLetter, newDeadLetter)
}
