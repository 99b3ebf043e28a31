package api_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/services/api"
)

func TestEveryPathAnswersUnderV1AndToHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	if got := get[object](w, "/"); got["message"] != "Task Tracker API" || got["status"] != "running" {
		t.Errorf("root %v", got)
	}
	for _, path := range []string{"/api/stats", "/api/v1/stats", "/api/avatars/telegram/7", "/api/v1/avatars/telegram/7"} {
		status, said, header := w.call(http.MethodGet, path, "")
		headStatus, nothing, headHeader := w.call(http.MethodHead, path, "")
		if status != 200 || headStatus != 200 || said == "" || nothing != "" || header.Get("Content-Type") != headHeader.Get("Content-Type") {
			t.Errorf("%s: GET %d %v, HEAD %d %q %v", path, status, header, headStatus, nothing, headHeader)
		}
	}
	for _, path := range []string{"/api/nothing", "/api/v1", "/api/v1/nothing", "/api/messages/"} {
		if status, said, header := w.call(http.MethodGet, path, ""); status != 404 || header.Get("Content-Type") != "application/json" || !strings.Contains(said, "detail") {
			t.Errorf("%s: %d %s", path, status, said)
		}
	}
}

func TestAnswersAreDataForTheSameOriginOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	_, _, header := w.call(http.MethodGet, "/api/stats", "", "Origin", "https://elsewhere.example")
	if header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(header.Get("Content-Security-Policy"), "default-src 'none'") || header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", header)
	}
	for name := range header {
		if strings.HasPrefix(name, "Access-Control-") {
			t.Errorf("another origin is let in: %s", name)
		}
	}
}

// Whoever browses the web reaches their own machine and network with it, and so do the pages that they open.
func TestPagesOfOtherOriginsChangeNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{PublicBaseURL: "https://Tracker.example.org", TrustedProxies: []string{"127.0.0.1"}})
	host := strings.TrimPrefix(w.url, "http://")
	for name, c := range map[string]struct {
		headers []string
		want    int
	}{
		"a program":                      {nil, 201},
		"our page":                       {[]string{"Sec-Fetch-Site", "same-origin", "Origin", "http://" + host}, 201},
		"our page, over http":            {[]string{"Origin", "http://" + host}, 201},
		"the public address":             {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://tracker.example.org"}, 201},
		"the host that a proxy names":    {[]string{"Origin", "http://tracker.lan", "X-Forwarded-Host", "tracker.lan"}, 201},
		"another page":                   {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example"}, 403},
		"another port of this machine":   {[]string{"Sec-Fetch-Site", "same-site", "Origin", "http://127.0.0.1:1"}, 403},
		"another page, over http":        {[]string{"Origin", "http://evil.example"}, 403},
		"a sandboxed page":               {[]string{"Origin", "null"}, 403},
		"another page through the proxy": {[]string{"Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example", "X-Forwarded-Host", "evil.example"}, 403},
	} {
		// Without a type, as a page may send it without asking first.
		req, err := http.NewRequest(http.MethodPost, w.url+"/api/v1/tasks", strings.NewReader(newTask(name)))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(c.headers); i += 2 {
			req.Header.Set(c.headers[i], c.headers[i+1])
		}
		resp, err := w.client.Transport.(*contractChecker).Transport.RoundTrip(req) // the contract has no operation to which it would come
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != c.want || c.want == 403 && !strings.Contains(string(said), "foreign_page") {
			t.Errorf("%s: %d %s (%v), want %d", name, resp.StatusCode, said, err, c.want)
		}
	}
	if made := get[[]object](w, "/api/tasks"); len(made) != 5 {
		t.Errorf("%d tasks, want 5", len(made))
	}
}

// Who cannot say how long the body is gets the same answer at the bound.
func TestABodyOfUnknownLengthIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	body := struct{ io.Reader }{strings.NewReader(strings.Repeat(" ", 1<<20) + newTask("x"))} // not a type whose length net/http knows
	req, err := http.NewRequest(http.MethodPost, w.url+"/api/tasks", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("%d, want 413", resp.StatusCode)
	}
}

// A fault of ours is told to the log, with the id that the caller got, and to nobody else.
func TestAFaultOfOursIsInTheLogAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	if _, err := w.pool.Exec(t.Context(), "ALTER TABLE tasks RENAME TO gone"); err != nil {
		t.Fatal(err)
	}
	status, said, header := w.call(http.MethodPost, "/api/tasks", newTask("x"))
	if status != 500 || !strings.Contains(said, `"detail":"Internal error; the log of the api service has the cause"}`) {
		t.Errorf("%d %s", status, said)
	}
	lines := w.log.lines(zerolog.ErrorLevel)
	id := header.Get("X-Request-Id")
	if len(lines) != 1 || id == "" || !strings.Contains(lines[0], id) || !strings.Contains(lines[0], "relation") {
		t.Errorf("id %q, log %v", id, lines)
	}
}

func TestOrdinaryRequestsAreLoggedAtDebugOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	w.call(http.MethodGet, "/api/tasks?q=secret-words", "")
	w.call(http.MethodGet, "/api/tasks/7", "")
	w.call(http.MethodGet, "/api/nothing", "")
	for _, level := range []zerolog.Level{zerolog.InfoLevel, zerolog.WarnLevel, zerolog.ErrorLevel} {
		if lines := w.log.lines(level); len(lines) > 0 {
			t.Errorf("%s: %v", level, lines)
		}
	}
	debug := strings.Join(w.log.lines(zerolog.DebugLevel), "")
	if !strings.Contains(debug, `"route":"/api/tasks/:id"`) || strings.Contains(debug, "secret-words") {
		t.Errorf("debug: %s", debug)
	}
}

// Whatever callers send, the label values stay those of the contract.
func TestMetricsHaveNoLabelsOfCallers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	for _, c := range [][2]string{{"GET", "/api/tasks/123"}, {"GET", "/api/my-own-path"}, {"BREW", "/api/tasks"}, {"BREW", "/api/coffee"}, {"GET", "/api/avatars/telegram/555"}} {
		w.call(c[0], c[1], "")
	}
	families, err := w.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var labels []string
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels = append(labels, metric.String())
		}
	}
	all := strings.Join(labels, "\n")
	for _, word := range []string{"123", "555", "my-own-path", "BREW", "coffee"} {
		if strings.Contains(all, `"`+word) || strings.Contains(all, "/"+word) {
			t.Errorf("a label has %q: %s", word, all)
		}
	}
	for _, want := range []string{`"/api/tasks/:id"`, `"none"`, `"404"`, `"405"`, `"200"`} {
		if !strings.Contains(all, want) {
			t.Errorf("no label has %s: %s", want, all)
		}
	}
}

func TestACallerWhoLeavesIsNoFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, api.Config{})
	tx, err := w.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "LOCK TABLE tasks"); err != nil {
		t.Fatal(err)
	}
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/api/tasks/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	answered := make(chan error, 1)
	go func() {
		resp, err := w.client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		answered <- err
	}()
	until(t, "the request waits for the lock", func() bool {
		var waiting int
		err := tx.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE c.relname = 'tasks' AND NOT l.granted").Scan(&waiting)
		return err == nil && waiting > 0
	})
	leave()
	if err := <-answered; err == nil {
		t.Error("an answer came although the table is locked")
	}
	until(t, "the request is done", func() bool {
		return strings.Contains(strings.Join(w.log.lines(zerolog.DebugLevel), ""), `"status":499`)
	})
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if lines := append(w.log.lines(zerolog.WarnLevel), w.log.lines(zerolog.ErrorLevel)...); len(lines) > 0 {
		t.Errorf("logged %v", lines)
	}
}

// A database that hangs does not make the broker look down.
func TestHealthNamesWhatIsDown(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })
	pool, err := pgxpool.New(t.Context(), "postgres://nobody@"+silent.Addr().String()+"/nothing?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w := onPool(t, api.Config{}, pool)
	status, said, _ := w.call(http.MethodGet, "/api/health", "")
	if status != 503 || !strings.Contains(said, `"database":"not available"`) || !strings.Contains(said, `"broker":"working"`) || !strings.Contains(said, `"unhealthy"`) {
		t.Errorf("%d %s", status, said)
	}
}

// What is committed is answered as such; its events wait in the outbox.
func TestWithoutABrokerChangesWaitInTheOutbox(t *testing.T) {
	t.Parallel()
	server := bustest.StartServer(t)
	b := server.Connect(t)
	if err := b.EnsureStreams(t.Context(), bustest.Config()); err != nil {
		t.Fatal(err)
	}
	w := onBus(t, api.Config{}, postgrestest.New(t), b)
	server.Shutdown()
	server.WaitForShutdown()
	ok[object](w, http.MethodPost, "/api/tasks", newTask("kept"))
	waiting, err := w.store.OutboxSize(t.Context())
	if err != nil || waiting == 0 {
		t.Errorf("%d events wait, %v", waiting, err)
	}
	if status, said, header := w.call(http.MethodGet, "/api/dead-letters", ""); status != 503 || header.Get("Retry-After") == "" {
		t.Errorf("dead letters: %d %s", status, said)
	}
}

// until waits for a condition that another goroutine brings about.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("never came true: %s", what)
		case <-time.After(5 * time.Millisecond):
		}
	}
}
