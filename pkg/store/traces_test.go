package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/conversation"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// traceParent is a header of a trace of its own.
func traceParent(n int) string { return fmt.Sprintf("00-%032x-%016x-01", n, n) }

// claimed is the one conversation that is due.
func claimed(t *testing.T, s *store.Store) store.Conversation {
	t.Helper()
	due, err := s.ClaimConversations(t.Context(), 10, time.Nanosecond)
	if err != nil || len(due) != 1 {
		t.Fatalf("%d conversations are due, %v", len(due), err)
	}
	return due[0]
}

func TestAConversationKeepsTheTracesOfItsNewMessagesUntilItIsJudged(t *testing.T) {
	t.Parallel()
	s, _ := world(t)
	message := 0
	group := func(traces ...string) {
		t.Helper()
		by := store.Grouping{Settings: conversation.Default(), Traces: map[int64]string{}}
		var ids []int64
		for _, trace := range traces {
			message++
			id := save(t, s, incoming(fmt.Sprint(message), fmt.Sprint("it is broken ", message), sentAt(noon.Add(time.Duration(message)*time.Second))))[0].Message.GetId()
			if ids = append(ids, id); trace != "" {
				by.Traces[id] = trace
			}
		}
		if _, err := s.GroupMessages(t.Context(), ids, by); err != nil {
			t.Fatal(err)
		}
	}
	judge := func(c store.Conversation) store.Judged {
		t.Helper()
		verdict := store.Verdict{Messages: []int64{c.Messages[0].ID}, Probability: 0.9, Category: "bug", Priority: "high", Provider: "local"}
		judged, err := s.Judge(t.Context(), []store.Judgement{{Conversation: c, Verdicts: []store.Verdict{verdict}, TraceParent: traceParent(99)}},
			func(now store.Conversation) store.Decision {
				attach := []int64{now.Messages[0].ID}
				return store.Decision{Kind: store.DecisionTask, Verdict: &verdict, Probability: 0.9, Title: "It is broken", Category: "bug", Priority: "high", Attach: attach,
					Messages: []store.MessageVerdict{{ID: attach[0], IsIssue: true, Category: "bug", Priority: "high", Confidence: 0.9, Provider: "local"}}}
			}, store.DuplicateLimits{Sure: 1, Likely: 1})
		if err != nil {
			t.Fatal(err)
		}
		return judged
	}

	group(traceParent(1), "", traceParent(2))
	group("")
	group(traceParent(3))
	first := claimed(t, s)
	if want := []string{traceParent(1), traceParent(2), traceParent(3)}; !slices.Equal(first.TraceParents, want) {
		t.Errorf("traces %q, want %q", first.TraceParents, want)
	}
	group(traceParent(4)) // while it is being judged
	for _, e := range judge(first).Events {
		want := traceParent(99)
		if e.Subject == bus.SubjectStatsUpdated { // of all conversations that are judged together
			want = ""
		}
		if e.TraceParent != want {
			t.Errorf("%s is told in %q, want %q", e.Subject, e.TraceParent, want)
		}
	}
	second := claimed(t, s)
	if len(second.TraceParents) != 4 {
		t.Errorf("after a change meanwhile: %q", second.TraceParents)
	}
	judge(second)
	group("")
	if third := claimed(t, s); len(third.TraceParents) != 0 {
		t.Errorf("after it was judged: %q", third.TraceParents)
	}
	many := make([]string, 40)
	for i := range many {
		many[i] = traceParent(100 + i)
	}
	group(many[:30]...)
	group(many[30:]...)
	if kept := claimed(t, s).TraceParents; !slices.Equal(kept, many[24:]) {
		t.Errorf("%d traces are kept, %q to %q", len(kept), kept[0], kept[len(kept)-1])
	}
}
