package chaos

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

const (
	// quietLines is how many lines a process may log in each started span of quietSpan
	// while something that it needs is away.
	quietLines = 200
	quietSpan  = 20 * time.Second
	// outage is how long what a test stops is away at least.
	outage = 20 * time.Second
)

// fault runs what happens from the beginning of a fault until all is well again, and
// fails where a process of the line says too much about it.
func fault(t *testing.T, l *Line, happens func()) {
	t.Helper()
	type log struct {
		process *line.Process
		before  int
	}
	var logs []log
	for _, c := range l.All() {
		p := c.Process()
		logs = append(logs, log{p, len(p.Output())})
	}
	began := time.Now()
	happens()
	spans := int(time.Since(began)/quietSpan) + 1
	for _, entry := range logs {
		said := entry.process.Output()[entry.before:]
		if n := strings.Count(said, "\n"); n > spans*quietLines {
			t.Errorf("%s logged %d lines in %s, beginning with:\n%s", entry.process.Name, n, time.Since(began), said[:min(len(said), 2000)])
		}
	}
}

var probe = &http.Client{
	Timeout:   10 * time.Second, // as patient as an orchestrator is set to be at most
	Transport: &http.Transport{DisableKeepAlives: true},
}

// readiness asks a copy's /readyz; the status is 0 where it does not answer.
func readiness(c *Copy) (status int, said string) {
	resp, err := probe.Get(c.Process().Base() + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// awaitUnready waits until each copy says that it is not ready, and fails where it does
// not answer: an orchestrator would take it for dead.
func awaitUnready(t *testing.T, copies ...*Copy) {
	t.Helper()
	for _, c := range copies {
		status, said := 0, ""
		line.Eventually(t, func() bool {
			status, said = readiness(c)
			if status == 0 {
				t.Errorf("/readyz of %s does not answer: %s", c.Process().Name, said)
			}
			return status == http.StatusServiceUnavailable
		}, func() string {
			return fmt.Sprintf("/readyz of %s answers %d %s, want 503", c.Process().Name, status, said)
		})
	}
}

// stillReady fails where a copy that needs nothing of what is away is not ready.
func stillReady(t *testing.T, copies ...*Copy) {
	t.Helper()
	for _, c := range copies {
		if status, said := readiness(c); status != http.StatusOK {
			t.Errorf("/readyz of %s answers %d %s, want 200: nothing that it needs is away", c.Process().Name, status, said)
		}
	}
}

// lasts waits for the rest of a fault that is to last so long. (It is no wait for
// something to have happened.)
func lasts(t *testing.T, began time.Time, long time.Duration) {
	t.Helper()
	select {
	case <-time.After(time.Until(began.Add(long))):
	case <-t.Context().Done():
	}
}

// refusedWith posts an update to the webhook of each copy of ingest and fails unless it
// is refused as the contract says: 503 with Retry-After and a reason.
func refusedWith503(t *testing.T, l *Line) {
	t.Helper()
	for i, c := range l.All(Ingest) {
		refused(t, c.Process().Base(), int64(900_000_000+i))
	}
}

func refused(t *testing.T, base string, id int64) {
	t.Helper()
	// A chat that is not the load's. What is refused now is never sent again.
	body := line.TelegramText(id, firstChat-2*chats, id, "не приймуть")
	resp, err := probe.Post(base+"/webhook/telegram", "application/json", strings.NewReader(string(body)))
	if err != nil {
		t.Errorf("an update is not answered at all: %v", err)
		return
	}
	defer resp.Body.Close()
	said, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || !strings.Contains(string(said), `"detail"`) {
		t.Errorf("an update is answered %d %s with Retry-After %q; want 503 with both", resp.StatusCode, said, resp.Header.Get("Retry-After"))
	}
}
