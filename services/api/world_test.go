package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"google.golang.org/protobuf/proto"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/store"
	"github.com/tasktracker/tasktracker/proto/gen/apiserver"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
	"github.com/tasktracker/tasktracker/services/api"
)

func TestMain(m *testing.M) {
	for _, kind := range []string{"image/svg+xml", "image/jpeg", "image/png"} {
		openapi3filter.RegisterBodyDecoder(kind, openapi3filter.FileBodyDecoder)
	}
	os.Exit(postgrestest.Main(m))
}

// world is one api with a database and a broker of its own; every answer that a test
// sees through it is held to proto/openapi.yaml.
type world struct {
	t       testing.TB
	url     string
	pool    *pgxpool.Pool
	store   *store.Store
	bus     *bus.Bus
	client  *http.Client
	metrics *prometheus.Registry
	log     *logged
	// heard are the answers that clients got.
	heard *logged
}

// background outlives the test, for what is looked at when it ends.
func (w *world) background() context.Context { return context.WithoutCancel(w.t.Context()) }

// logged is a log that a test may read while it is written.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// all is the whole of it.
func (l *logged) all() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines are those of one level.
func (l *logged) lines(level zerolog.Level) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, `"level":"`+level.String()+`"`) {
			found = append(found, line)
		}
	}
	return found
}

func newWorld(t testing.TB, cfg api.Config) *world {
	t.Helper()
	w := onPool(t, cfg, postgrestest.New(t))
	if status, said, _ := w.call(http.MethodGet, "/api/health", ""); status != http.StatusOK {
		t.Fatalf("not healthy: %d %s", status, said)
	}
	return w
}

func onPool(t testing.TB, cfg api.Config, pool *pgxpool.Pool) *world {
	t.Helper()
	return onBus(t, cfg, pool, bustest.New(t))
}

// testKey is the SETTINGS_ENCRYPTION_KEY of a world.
const testKey = "Zk1c3Vjc2Vzcy1pcy1qdXN0LWEtd29yZC1oZXJl"

func testRing(t testing.TB) *secrets.Ring {
	t.Helper()
	ring, err := secrets.NewRing(testKey)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func onBus(t testing.TB, cfg api.Config, pool *pgxpool.Pool, b *bus.Bus, change ...func(*api.Deps)) *world {
	t.Helper()
	w := &world{t: t, bus: b, pool: pool, store: store.New(pool), metrics: prometheus.NewRegistry(), log: &logged{}, heard: &logged{}}
	deps := api.Deps{Store: w.store, Bus: w.bus, Secrets: testRing(t), Log: zerolog.New(w.log), Metrics: w.metrics}
	for _, c := range change {
		c(&deps)
	}
	svc, err := api.New(cfg, deps)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(svc.Handler())
	t.Cleanup(server.Close)
	w.url = server.URL
	w.client = &http.Client{Transport: newContractChecker(t)}
	t.Cleanup(w.client.CloseIdleConnections)
	return w
}

// contractChecker fails the test on an answer that the contract does not have.
type contractChecker struct {
	*http.Transport
	t      testing.TB
	router routers.Router
}

// contractRouter is read once for all worlds: with the race detector that takes seconds.
var contractRouter = sync.OnceValues(func() (routers.Router, error) {
	spec, err := apiserver.GetSpec()
	if err != nil {
		return nil, err
	}
	spec.Servers = nil
	return gorillamux.NewRouter(spec)
})

func newContractChecker(t testing.TB) *contractChecker {
	router, err := contractRouter()
	if err != nil {
		t.Fatal(err)
	}
	return &contractChecker{Transport: &http.Transport{}, t: t, router: router}
}

func (c *contractChecker) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := c.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	asked := r.Clone(context.Background())
	asked.URL.Path = strings.Replace(asked.URL.Path, "/api/v1/", "/api/", 1)
	route, params, err := c.router.FindRoute(asked)
	if err != nil {
		return resp, nil // no operation of the contract: 404 and 405 are the router's
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: asked, PathParams: params, Route: route},
		Status:                 resp.StatusCode, Header: resp.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	input.SetBodyBytes(body)
	if r.Method == http.MethodHead {
		return resp, nil // no body to look at
	}
	if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
		c.t.Errorf("%s %s answers %d against the contract: %v\n%s", r.Method, r.URL, resp.StatusCode, err, body)
	}
	if resp.StatusCode >= 400 && !bytes.Contains(body, []byte(`"clauses":[{`)) && !ownWords.Match(body) {
		c.t.Errorf("%s %s refuses in a sentence that pkg/clauses does not know, so that a page can say it in English alone: %s", r.Method, r.URL, body)
	}
	return resp, nil
}

// ownWords are refusals in the words of a model server, states of health, and what is wrong with requests that no page sends.
var ownWords = regexp.MustCompile(`(?i)model server|chat completions|"components"|as \?status=|"type":"(parse|type|encoding|nullable|enum|format|oneOf|body|m(ax|in)(Items|Properties))"`)

// under is the world seen by another test, such as one input of a fuzz target.
func (w *world) under(t testing.TB) *world {
	here, checker := *w, *w.client.Transport.(*contractChecker)
	here.t, checker.t = t, t
	here.client = &http.Client{Transport: &checker}
	return &here
}

// call sends a request with a JSON body (none where it is "") and gives the answer.
func (w *world) call(method, path, body string, header ...string) (int, string, http.Header) {
	w.t.Helper()
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	said, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	_, _ = w.heard.Write(said) // has no errors
	return resp.StatusCode, string(said), resp.Header
}

// object is a JSON object as a test looks at it.
type object = map[string]any

// get reads a 200 into a T.
func get[T any](w *world, path string) T {
	w.t.Helper()
	return ok[T](w, http.MethodGet, path, "")
}

// ok calls and reads a 200 or 201.
func ok[T any](w *world, method, path, body string) T {
	w.t.Helper()
	status, said, _ := w.call(method, path, body)
	var out T
	if err := json.Unmarshal([]byte(said), &out); err != nil || status/100 != 2 {
		w.t.Fatalf("%s %s: %d %v %s", method, path, status, err, said)
	}
	return out
}

// events reads what lies in EVENTS, by subject.
func (w *world) events() map[string]int {
	w.t.Helper()
	stream, err := w.bus.JetStream().Stream(w.t.Context(), bus.StreamEvents)
	if err != nil {
		w.t.Fatal(err)
	}
	info, err := stream.Info(w.t.Context(), jetstream.WithSubjectFilter(">"))
	if err != nil {
		w.t.Fatal(err)
	}
	counts := map[string]int{}
	for subject, n := range info.State.Subjects {
		counts[subject] = int(n)
	}
	return counts
}

// save stores Telegram messages as the worker does.
func (w *world) save(messages ...*eventsv1.Message) {
	w.t.Helper()
	batch := make([]store.Incoming, 0, len(messages))
	for i, m := range messages {
		batch = append(batch, store.Incoming{
			Message: proto.CloneOf(m), Version: int64(i + 1), Raw: []byte(`{"message_id":1}`),
			Chat: &eventsv1.Chat{SourceName: m.GetSourceName(), ChatId: m.GetChatId(), Kind: "group", Name: "Каса"},
		})
	}
	if _, err := w.store.SaveMessages(w.t.Context(), batch); err != nil {
		w.t.Fatal(err)
	}
}

func at(value string) time.Time {
	t, err := time.Parse(time.RFC3339, value)
	if err != nil {
		panic(err)
	}
	return t
}
