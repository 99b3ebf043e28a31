package ingest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/ingest"
)

// world is one ingest with a broker of its own, behind a real HTTP server.
type world struct {
	t      testing.TB
	bus    *bus.Bus
	server *httptest.Server
	log    *strings.Builder
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
	w := &world{t: t, bus: b, log: &strings.Builder{}}
	svc, err := ingest.New(cfg, ingest.Deps{Bus: b, Log: zerolog.New(zerolog.SyncWriter(w.log)), Metrics: prometheus.NewRegistry()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- svc.Run(ctx) }()
	w.server = httptest.NewServer(svc.Handler())
	t.Cleanup(func() {
		w.server.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	w.eventually("ingest is not ready", func() bool { return svc.Ready(ctx) == nil })
	return w
}

// eventually waits until ok is true.
func (w *world) eventually(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.After(30 * time.Second)
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

// stored reads a whole stream.
func stored[T proto.Message](w *world, stream string, make func() T) []T {
	w.t.Helper()
	s, err := w.bus.JetStream().Stream(w.t.Context(), stream)
	if err != nil {
		w.t.Fatal(err)
	}
	info, err := s.Info(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	var all []T
	for seq := max(1, info.State.FirstSeq); seq <= info.State.LastSeq; seq++ {
		raw, err := s.GetMsg(w.t.Context(), seq)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			w.t.Fatal(err)
		}
		m := make()
		if err := proto.Unmarshal(raw.Data, m); err != nil {
			w.t.Fatal(err)
		}
		all = append(all, m)
	}
	return all
}

func (w *world) inbound() []*eventsv1.Inbound {
	return stored(w, bus.StreamInbound, func() *eventsv1.Inbound { return &eventsv1.Inbound{} })
}

func (w *world) events() []*eventsv1.Event {
	return stored(w, bus.StreamEvents, func() *eventsv1.Event { return &eventsv1.Event{} })
}

func (w *world) deadLetters() []*eventsv1.DeadLetter {
	return stored(w, bus.StreamDeadLetter, func() *eventsv1.DeadLetter { return &eventsv1.DeadLetter{} })
}
