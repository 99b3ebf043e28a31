package ingest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
)

// ends is the last sequence of each stream that a delivery can reach.
func (w *world) ends() map[string]uint64 {
	w.t.Helper()
	ends := map[string]uint64{}
	for _, name := range []string{bus.StreamInbound, bus.StreamEvents, bus.StreamJobs, bus.StreamDeadLetter} {
		s, err := w.bus.JetStream().Stream(w.t.Context(), name)
		if err != nil {
			w.t.Fatal(err)
		}
		ends[name] = s.CachedInfo().State.LastSeq
	}
	return ends
}

// Whatever comes, the answer is one of the contract's, what is refused or ignored leaves
// nothing behind, and the log stays silent.
func FuzzWebhookBody(f *testing.F) {
	for _, dir := range []string{"updates", "invalid"} {
		files, err := filepath.Glob(samples + dir + "/*.json")
		if err != nil || len(files) == 0 {
			f.Fatalf("no samples: %v", err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, ".golden.json") {
				continue
			}
			body, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(body)
		}
	}
	w := newWorld(f, webhookConfig())
	f.Fuzz(func(t *testing.T, body []byte) {
		here := *w
		here.t = t
		before := here.ends()
		status, answer, _ := here.post(string(body))
		if status == http.StatusServiceUnavailable { // a long run has filled INBOUND
			for name := range before {
				s, err := w.bus.JetStream().Stream(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Purge(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			before = here.ends()
			status, answer, _ = here.post(string(body))
		}
		if log := w.log.drain(); strings.Contains(log, `"level":"warn"`) || strings.Contains(log, `"level":"error"`) {
			t.Errorf("logged: %s", log)
		}
		if !json.Valid([]byte(answer)) {
			t.Errorf("the answer is no JSON: %q", answer)
		}
		after := here.ends()
		switch status {
		case http.StatusOK:
			if answer == ignored {
				break
			}
			if answer != said {
				t.Errorf("200 with %s", answer)
			}
			return
		case http.StatusBadRequest, http.StatusRequestEntityTooLarge:
		default:
			t.Errorf("%d %s", status, answer)
		}
		for name := range before {
			if before[name] != after[name] {
				t.Errorf("%d %s, and %s grew", status, answer, name)
			}
		}
	})
}
