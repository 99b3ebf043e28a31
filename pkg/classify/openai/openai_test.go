package openai_test

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/classify/modeltest"
	"github.com/tasktracker/tasktracker/pkg/classify/openai"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "sk-test-0123456789abcdef0123"

func config() openai.Config {
	return openai.Config{
		BaseURL: "http://model.test/v1", Model: "test-model", APIKey: key, BatchSize: 8, Concurrency: 2,
		Timeout: 20 * time.Second, Attempts: 3, MaxText: 6000, DailyTokens: 1_000_000,
		MaskNames: true, MaskPhones: true, MaskEmails: true,
	}
}

// world is a model server and a classifier that talks to it over connections in memory,
// so that the time of a synctest bubble goes for both.
type world struct {
	server     *modeltest.Server
	classifier *openai.Classifier
}

func newWorld(t *testing.T, options modeltest.Options, change func(*openai.Config), more ...openai.Option) world {
	t.Helper()
	w := world{server: modeltest.New(options)}
	settings := config()
	if change != nil {
		change(&settings)
	}
	classifier, err := openai.New(settings, append(more, openai.WithTransport(inMemory(t, w.server)))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(classifier.Close)
	w.classifier = classifier
	return w
}

// inMemory is a transport to a handler.
func inMemory(t *testing.T, handler http.Handler) *http.Transport {
	listener := &pipes{connections: make(chan net.Conn), closed: make(chan struct{})}
	server := &http.Server{Handler: handler}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = server.Serve(listener) // ends with ErrServerClosed
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-served
	})
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		client, server := net.Pipe()
		select {
		case listener.connections <- server:
			return client, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-listener.closed:
			return nil, net.ErrClosed
		}
	}}
}

type pipes struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case connection := <-p.connections:
		return connection, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.IPAddr{} }

// bubble runs a test in a time of its own.
func bubble(t *testing.T, test func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, test)
}

var team = []classify.Input{
	{Text: "The export button does nothing since the release"},
	{Text: "Дякую всім, гарний день"},
	{Text: "Как добавить второй телефон?", Context: []string{"Привет", "спрашивай"}},
}

func (w world) snapshot(t *testing.T) openai.Snapshot {
	t.Helper()
	s, err := w.classifier.Snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func categories(results []classify.Result) []classify.Category {
	var found []classify.Category
	for _, r := range results {
		found = append(found, r.Category)
	}
	return found
}

func TestClassify_GivesAResultForEachInput(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, modeltest.Options{Key: key}, nil)
		results, err := w.classifier.Classify(t.Context(), team)
		if err != nil {
			t.Fatal(err)
		}
		want := classify.Result{
			IsIssue: true, Category: classify.CategoryBug, Priority: classify.PriorityHigh, Confidence: 0.9,
			Quote: team[0].Text, Reason: "The message says: does nothing.", Title: team[0].Text,
			Provider: "openai", Model: "test-model", Version: "1",
			PromptTokens: results[0].PromptTokens, CompletionTokens: results[0].CompletionTokens, Duration: results[0].Duration,
		}
		if diff := cmp.Diff(want, results[0]); diff != "" {
			t.Errorf("first result (-want +got):\n%s", diff)
		}
		if results[1].IsIssue || results[1].Category != "" || results[1].Priority != "" || results[1].Title != "" {
			t.Errorf("thanks became %+v", results[1])
		}
		if results[2].Category != classify.CategoryQuestion {
			t.Errorf("the question became %+v", results[2])
		}
		requests := w.server.Requests()
		if len(requests) != 1 {
			t.Fatalf("%d requests for a batch of 3, want 1", len(requests))
		}
		r := requests[0]
		if r.Format != "json_schema" || r.Temperature == nil || *r.Temperature != 0 || r.MaxTokens == 0 || len(r.Conversations) != 3 {
			t.Errorf("asked %+v", r)
		}
		if !slices.Equal(r.Conversations[2].Context, team[2].Context) {
			t.Errorf("context %q, want %q", r.Conversations[2].Context, team[2].Context)
		}
		for name := range r.Header {
			if strings.HasPrefix(name, "X-Stainless") && name != "X-Stainless-Timeout" {
				t.Errorf("header %s tells about this machine", name)
			}
		}
		s := w.snapshot(t)
		total := 0
		for _, result := range results {
			total += result.PromptTokens + result.CompletionTokens
		}
		if s.State != openai.StateOK || s.Calls != 1 || s.Judged != 3 || s.Breaker != "closed" || s.TokensToday != int64(total) || s.TokensEstimated {
			t.Errorf("state %+v, want the tokens of the results, %d", s, total)
		}
	})
}

func TestClassify_OfNothingAsksNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, modeltest.Options{}, nil)
		results, err := w.classifier.Classify(t.Context(), nil)
		if len(results) != 0 || err != nil || len(w.server.Requests()) != 0 || w.snapshot(t).State != openai.StateUntried {
			t.Errorf("results %v, error %v, state %+v", results, err, w.snapshot(t))
		}
	})
}

func TestClassify_DividesIntoBatchesWithinItsConcurrency(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var mu sync.Mutex
		running, most := 0, 0
		judge := func(c modeltest.Conversation) modeltest.Verdict {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second) // of the bubble: all that run wait together
			mu.Lock()
			running--
			mu.Unlock()
			return modeltest.Verdict{IsIssue: true, Category: "bug", Priority: "low", Confidence: 1, Quote: c.Text}
		}
		w := newWorld(t, modeltest.Options{Judge: judge}, func(c *openai.Config) { c.BatchSize, c.Concurrency = 2, 3 })
		inputs := make([]classify.Input, 15)
		for i := range inputs {
			inputs[i].Text = strings.Repeat("x", i+1)
		}
		var group sync.WaitGroup
		for range 2 { // two callers share the bound
			group.Go(func() {
				results, err := w.classifier.Classify(t.Context(), inputs)
				if err != nil {
					t.Error(err)
					return
				}
				for i, r := range results {
					if r.Quote != inputs[i].Text {
						t.Errorf("result %d is of %q", i, r.Quote)
					}
				}
			})
		}
		group.Go(func() { // operators look while it works
			for range 5 {
				time.Sleep(time.Second)
				if s, err := w.classifier.Snapshot(t.Context()); err != nil || s.TokensToday == 0 {
					t.Errorf("state %+v, %v", s, err)
				}
			}
		})
		group.Wait()
		if requests := w.server.Requests(); len(requests) != 16 {
			t.Errorf("%d requests, want 16", len(requests))
		}
		if most != 3 {
			t.Errorf("%d at a time, want 3", most)
		}
	})
}

func TestClassify_EndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t, modeltest.Options{}, nil)
		w.server.FailAlways(modeltest.Never)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := w.classifier.Classify(ctx, team)
		if !strings.Contains(err.Error(), context.Canceled.Error()) || openai.KindOf(err) != "" {
			t.Errorf("error %v", err)
		}
		if s := w.snapshot(t); s.State != openai.StateUntried || s.Failures != 0 || s.TokensToday != 0 {
			t.Errorf("what the caller gave up counts as a fault: %+v", s)
		}
	})
}

func TestClassify_OverTheNetwork(t *testing.T) {
	t.Parallel()
	server, err := modeltest.Start(modeltest.Options{Key: key, Models: []string{"test-model", "b", "a", "a"}})
	if err != nil {
		t.Fatal(err)
	}
	settings := config()
	settings.BaseURL = server.URL()
	classifier, err := openai.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	defer classifier.Close()
	results, err := classifier.Classify(t.Context(), team)
	if want := []classify.Category{"bug", "", "question"}; err != nil || !slices.Equal(categories(results), want) {
		t.Errorf("categories %v, error %v", categories(results), err)
	}
	if models, err := classifier.Models(t.Context()); err != nil || !slices.Equal(models, []string{"a", "b", "test-model"}) {
		t.Errorf("models %v, error %v", models, err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := classifier.Models(t.Context()); openai.KindOf(err) != openai.KindUnavailable {
		t.Errorf("without a server: %v", err)
	}
	report, err := classifier.Test(t.Context(), team[0])
	if openai.KindOf(err) != openai.KindUnavailable || report.Valid {
		t.Errorf("without a server: %+v, %v", report, err)
	}
}
