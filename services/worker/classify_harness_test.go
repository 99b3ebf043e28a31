package worker_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/store"
	eventsv1 "github.com/tasktracker/tasktracker/proto/gen/events/v1"
)

// byWords says what the words of a text say, so that a test can choose a verdict.
type byWords struct {
	mu     sync.Mutex
	inputs []classify.Input
	// fail is the error of the next calls; nil for none.
	fail error
	// cannot is a word: a text with it cannot be judged, and panic one that has it panic.
	cannot, panic string
	// category is what a text with "odd" is taken for.
	category classify.Category
}

func (b *byWords) Classify(_ context.Context, inputs []classify.Input) ([]classify.Result, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return nil, b.fail
	}
	results := make([]classify.Result, len(inputs))
	for i, in := range inputs {
		if b.cannot != "" && strings.Contains(in.Text, b.cannot) {
			return nil, fmt.Errorf("text %d is not understood", i)
		}
		if b.panic != "" && strings.Contains(in.Text, b.panic) {
			panic("index out of range")
		}
		r := classify.Result{Confidence: 0.95, Provider: "local", Model: "words", Version: "1", Reason: "It holds no word of an issue."}
		switch {
		case strings.Contains(in.Text, "broken"):
			r.IsIssue, r.Category, r.Quote, r.Reason = true, classify.CategoryBug, "broken", "It says that something is broken."
			r.Priority, r.Signals = classify.PriorityHigh, []string{"broken"}
		case strings.Contains(in.Text, "maybe"):
			r.IsIssue, r.Category, r.Priority, r.Confidence, r.Quote = true, classify.CategoryFeature, classify.PriorityLow, 0.6, "maybe"
			r.Reason = "It may ask for something."
		case strings.Contains(in.Text, "hardly"):
			r.Confidence, r.Likely = 0.4, classify.CategoryQuestion
		case strings.Contains(in.Text, "odd"):
			r.IsIssue, r.Category, r.Priority = true, b.category, classify.PriorityLow
		}
		results[i] = r
	}
	b.inputs = append(b.inputs, inputs...)
	return results, nil
}

// mend ends everything that fails.
func (b *byWords) mend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail, b.cannot, b.panic = nil, "", ""
}

func (b *byWords) judged() []classify.Input {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]classify.Input{}, b.inputs...)
}

func newClassifying(t *testing.T) (*world, *byWords) {
	t.Helper()
	w, c := newWorld(t), &byWords{}
	w.classifier = c
	return w, c
}

func after(d time.Duration) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.SentAt = timestamppb.New(noon.Add(d)) }
}

func by(id, name string) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.AuthorId, m.Message.Author = id, name }
}

func answering(id string) func(*eventsv1.MessageReceived) {
	return func(m *eventsv1.MessageReceived) { m.Message.ReplyToExternalId = id }
}

// awaitJudged waits until all that was put is stored, judged and published.
func (w *world) awaitJudged(t *testing.T) {
	t.Helper()
	w.awaitDone(t)
	eventually(t, "every conversation is judged", func() bool {
		return w.count(t, "SELECT count(*) FROM conversations WHERE judge_at IS NOT NULL") == 0
	})
	eventually(t, "the outbox is empty", func() bool { return w.count(t, "SELECT count(*) FROM outbox") == 0 })
}

func (w *world) tasks(t *testing.T) []*eventsv1.Task {
	t.Helper()
	page, err := w.store.ListTasks(t.Context(), store.TaskFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return page.Tasks
}

// due has everything that is held or claimed judged now.
func (w *world) due(t *testing.T) {
	t.Helper()
	if _, err := w.pool.Exec(t.Context(), "UPDATE conversations SET judge_at = now() WHERE judge_at IS NOT NULL"); err != nil {
		t.Fatal(err)
	}
}

// measured starts the registry of the workers that are started from now on.
func (w *world) measured() { w.registry = prometheus.NewRegistry() }

// awaitMetric waits until a gauge or counter with a label's value, or with none where label is "",
// has come to want: what is counted is counted before or after others see it.
func (w *world) awaitMetric(t *testing.T, name, label string, want float64) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s{%s} is %g", name, label, want), func() bool {
		got, there := w.metric(t, name, label)
		return there && got == want
	})
}

func (w *world) metric(t *testing.T, name, label string) (value float64, there bool) {
	t.Helper()
	families, err := w.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			if label == "" || len(m.GetLabel()) == 1 && m.GetLabel()[0].GetValue() == label {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue(), true
			}
		}
	}
	return 0, false
}

// kinds counts what was told under a subject that concerns proposals or tasks.
func (w *world) kinds(t *testing.T) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, subject := range []string{bus.SubjectTaskCreated, bus.SubjectTaskUpdated, bus.SubjectProposalCreated, bus.SubjectProposalUpdated} {
		if told := len(w.events(t, subject)); told > 0 {
			n[subject] = told
		}
	}
	return n
}
