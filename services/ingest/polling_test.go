package ingest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/services/ingest"
)

// botServer answers getUpdates and deleteWebhook as Telegram does, as far as polling
// sees it: offsets confirm, a webhook excludes polling.
type botServer struct {
	*httptest.Server
	mu        sync.Mutex
	queue     []string // index is update_id - 1
	confirmed int64
	webhook   bool
	inside    int
	entered   func(inside int) // called with how many calls of getUpdates are under way
}

func newBotServer(t *testing.T) *botServer {
	s := &botServer{}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *botServer) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inside++
	defer func() { s.inside-- }()
	if s.entered != nil {
		s.entered(s.inside)
	}
	switch r.URL.Path {
	case "/bot77:token/deleteWebhook":
		s.webhook = false
		fmt.Fprint(w, `{"ok":true,"result":true}`)
	case "/bot77:token/getUpdates":
		if s.webhook {
			w.WriteHeader(http.StatusConflict)
			fmt.Fprint(w, `{"ok":false,"error_code":409,"description":"Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"}`)
			return
		}
		offset, _ := strconv.ParseInt(r.FormValue("offset"), 10, 64)
		s.confirmed = max(s.confirmed, offset-1)
		waiting := []json.RawMessage{}
		for _, update := range s.queue[min(int(s.confirmed), len(s.queue)):] {
			waiting = append(waiting, json.RawMessage(update))
		}
		if len(waiting) == 0 {
			// A short long poll: what comes meanwhile is delivered by the next.
			s.mu.Unlock()
			select {
			case <-r.Context().Done():
			case <-time.After(50 * time.Millisecond):
			}
			s.mu.Lock()
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"ok": true, "result": waiting})
	default:
		http.NotFound(w, r)
	}
}

func (s *botServer) send(updates ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue = append(s.queue, updates...)
}

func (s *botServer) isConfirmed(n int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.confirmed == n
}

func pollingConfig(s *botServer) ingest.Config {
	return ingest.Config{TelegramMode: ingest.ModePolling, TelegramBotToken: "77:token", TelegramAPIBaseURL: s.URL}
}

func TestPollingRemovesTheWebhookStoresAndConfirms(t *testing.T) {
	t.Parallel()
	s := newBotServer(t)
	s.webhook = true
	s.send(text(1, -5, 1, "one"), `{"update_id":2,"message":"not understood"}`, text(3, -5, 3, "three"))
	w := newWorld(t, pollingConfig(s))
	w.eventually("not everything is confirmed", func() bool { return s.isConfirmed(3) })
	if in, dead := len(w.inbound()), len(w.deadLetters()); in != 2 || dead != 1 {
		t.Errorf("%d stored, %d dead letters; want 2 and 1", in, dead)
	}
}

func TestPollingConfirmsNothingThatIsNotStored(t *testing.T) {
	t.Parallel()
	s := newBotServer(t)
	server := bustest.StartServer(t)
	b := server.Connect(t)
	cfg := bustest.Config()
	cfg.InboundMaxBytes = 1 << 20
	if err := b.EnsureStreams(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	w := onBus(t, pollingConfig(s), b)
	big := make([]byte, 200_000)
	for i := range big {
		big[i] = 'x'
	}
	const sent = 20
	for i := int64(1); i <= sent; i++ {
		s.send(text(i, -5, i, string(big)))
	}
	w.eventually("nothing is confirmed", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return s.confirmed > 0 })
	s.mu.Lock()
	confirmed := s.confirmed
	s.mu.Unlock()
	if stored := int64(len(w.inbound())); confirmed > stored || confirmed == sent {
		t.Errorf("%d confirmed, %d stored", confirmed, stored)
	}
}

func TestOneOfTwoPollsAndTheOtherTakesOver(t *testing.T) {
	t.Parallel()
	s := newBotServer(t)
	b := bustest.New(t)
	polling, together := 0, 0
	s.entered = func(n int) { polling++; together = max(together, n) }
	first := onBus(t, pollingConfig(s), b)
	onBus(t, pollingConfig(s), b) // stands by: ready, though it does not poll
	s.send(text(1, -5, 1, "one"))
	first.eventually("not confirmed", func() bool { return s.isConfirmed(1) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if together > 1 || polling == 0 {
		t.Errorf("%d polled at once, %d times in all", together, polling)
	}
}
