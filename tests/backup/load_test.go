package backup_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

// chat is monitored; the load goes there.
const chat = -1002988379206

// load posts messages to a webhook at some 100 a second until stop.
type load struct {
	mu       sync.Mutex
	accepted map[string]bool // keys of messages that were answered 200
	tried    map[string]bool
	quit     chan struct{}
	ended    chan struct{}
}

func startLoad(t testing.TB, base string) *load {
	l := &load{accepted: map[string]bool{}, tried: map[string]bool{}, quit: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(l.ended)
		ticker := time.NewTicker(10 * time.Millisecond)
		defer ticker.Stop()
		var posts sync.WaitGroup
		defer posts.Wait()
		for n := int64(1); ; n++ {
			select {
			case <-l.quit:
				return
			case <-ticker.C:
			}
			key := fmt.Sprintf("%d/%d", chat, n)
			l.note(l.tried, key)
			posts.Go(func() {
				body := line.TelegramText(n, chat, n, fmt.Sprintf("Чек № %d не друкується", n))
				resp, err := http.Post(base+"/webhook/telegram", "application/json", bytes.NewReader(body))
				if err != nil {
					t.Errorf("message %d: %v", n, err)
					return
				}
				defer resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					l.note(l.accepted, key)
				}
			})
		}
	}()
	t.Cleanup(l.stop)
	return l
}

func (l *load) note(where map[string]bool, key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	where[key] = true
}

// acceptedNow is what was answered 200 until now.
func (l *load) acceptedNow() map[string]bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := map[string]bool{}
	for key := range l.accepted {
		now[key] = true
	}
	return now
}

// await waits until this many are accepted.
func (l *load) await(t testing.TB, n int) {
	t.Helper()
	line.Eventually(t, func() bool { return len(l.acceptedNow()) >= n }, func() string {
		return fmt.Sprintf("%d of %d messages accepted", len(l.acceptedNow()), n)
	})
}

func (l *load) stop() {
	select {
	case <-l.quit:
	default:
		close(l.quit)
	}
	<-l.ended
}

// check holds what a restored system has against what was sent: all that was accepted
// before the backup began, nothing twice, nothing that nobody sent.
func (l *load) check(t testing.TB, before map[string]bool, api string) {
	t.Helper()
	missing := func() []string {
		seen := map[string]int{}
		for _, m := range line.AllMessages(t, api) {
			seen[m.Key()]++
		}
		var gone []string
		for key := range before {
			if seen[key] == 0 {
				gone = append(gone, key)
			}
		}
		return gone
	}
	// What was in the broker goes into the database now.
	line.Eventually(t, func() bool { return len(missing()) == 0 }, func() string {
		return fmt.Sprintf("of %d messages accepted before the backup %d are lost: %v", len(before), len(missing()), missing())
	})
	seen := map[string]int{}
	for _, m := range line.AllMessages(t, api) {
		seen[m.Key()]++
	}
	for key, n := range seen {
		if n != 1 || !l.tried[key] {
			t.Errorf("message %s is there %d times, sent: %v", key, n, l.tried[key])
		}
	}
	t.Logf("%d messages accepted before the backup, %d in it, %d accepted in all", len(before), len(seen), len(l.accepted))
}

// call sends JSON and reads the answer.
func call(t testing.TB, method, url, body string) any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %s %s %v", method, url, resp.Status, said, err)
	}
	var answer any
	if err := json.Unmarshal(said, &answer); err != nil {
		t.Fatalf("%s %s: %v in %s", method, url, err, said)
	}
	return answer
}

// record is everything that an operator made, as the API tells it.
func record(t testing.TB, api string) map[string]any {
	t.Helper()
	all := map[string]any{}
	for _, path := range []string{"/api/tasks", "/api/tasks/1", "/api/tasks/1/history", "/api/tasks/2/history", "/api/webhook-settings", "/api/dead-letters", "/api/stats",
		"/api/ai/settings", "/api/analysis-runs"} {
		all[path] = call(t, http.MethodGet, api+path, "")
	}
	forget(all["/api/stats"], func(name string) bool { return strings.Contains(name, "message") })              // flow on
	forget(all["/api/webhook-settings"], func(name string) bool { return strings.HasPrefix(name, "default_") }) // of the place
	return all
}

func forget(object any, which func(name string) bool) {
	if fields, ok := object.(map[string]any); ok {
		maps.DeleteFunc(fields, func(name string, _ any) bool { return which(name) })
	}
}

// work makes tasks with a history, a monitored group, settings, a run of the analysis and a dead
// letter.
func work(t testing.TB, s *system) {
	t.Helper()
	call(t, http.MethodPost, s.api+"/api/webhook-settings/telegram/groups", fmt.Sprintf(`{"group_id": %d, "name": "Каса"}`, chat))
	for _, title := range []string{"Полагодити друк", "Друга"} {
		call(t, http.MethodPost, s.api+"/api/tasks", fmt.Sprintf(`{"title": %q, "description": "опис", "category": "bug", "priority": "high", "source": "telegram"}`, title))
	}
	call(t, http.MethodPut, s.api+"/api/tasks/1/status", `{"status": "in_progress"}`)
	call(t, http.MethodPatch, s.api+"/api/tasks/1", `{"assignee": "Оля"}`)
	call(t, http.MethodPut, s.api+"/api/ai/settings", `{"task_threshold": 0.875, "mask_names": false}`)
	call(t, http.MethodPost, s.api+"/api/analysis-runs", `{"from": "2020-02-01T00:00:00Z", "to": "2020-02-02T00:00:00Z"}`)
	line.Eventually(t, func() bool {
		runs, ok := call(t, http.MethodGet, s.api+"/api/analysis-runs", "").([]any)
		return ok && len(runs) == 1 && runs[0].(map[string]any)["status"] == "completed"
	}, func() string { return "the run of the analysis does not end" })
	// An update of a shape that nobody knows.
	if status, said := line.PostUpdate(t, s.webhook, []byte(`{"update_id": 900000001, "message": "no object"}`)); status != http.StatusOK {
		t.Fatalf("a strange update was answered %d %s", status, said)
	}
	line.Eventually(t, func() bool {
		letters, ok := call(t, http.MethodGet, s.api+"/api/dead-letters", "").([]any)
		return ok && len(letters) == 1
	}, func() string { return "no dead letter" })
}
