package ingest

import (
	"testing"
	"time"
)

// anything takes every signature for a good one.
type anything struct{}

func (anything) Verify(string, string, string) bool { return true }

func FuzzReadProbe(f *testing.F) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for _, seed := range []string{
		`{"update_id":1,"task_tracker_test":{"id":"a","sent_at":"2026-03-02T12:00:01.5Z","signature":"AAAA"}}`,
		`{"task_tracker_test":{"id":"a","sent_at":"2026-03-02T11:54:00Z","signature":""}}`,
		`{"task_tracker_test":[]}`, `"task_tracker_test"`, `{"task_tracker_test":{"id":7}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := readProbe(body, anything{}, now)
		if p != nil && (p.id == "" || len(p.id) > maxProbeID || now.Sub(p.sentAt).Abs() > probeLife) {
			t.Errorf("%q reads as %+v", body, p)
		}
	})
}
