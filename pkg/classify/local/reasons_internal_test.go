package local

import (
	"context"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/classify"
	"github.com/tasktracker/tasktracker/pkg/clauses"
)

// What is said here is said in other languages too, clause by clause.
func TestReasonsAreTakenApart(t *testing.T) {
	t.Parallel()
	for _, signal := range append(Signals(), signalInjection) {
		words := signalWords[signal]
		if signal == signalInjection {
			words = "it tells a model what to do" // no part of a reason
		}
		if c := clauses.Of(words); len(c) != 1 || c[0].Code != "signal_"+signal {
			t.Errorf("%s, %q: %v", signal, words, c)
		}
	}
	judge, err := New()
	if err != nil {
		t.Fatal(err)
	}
	results, err := judge.Classify(context.Background(), []classify.Input{
		{Text: "Production is down for all customers, nobody can pay, fix it immediately"}, {Text: "Thanks, have a nice day!"}, {Text: "👍"},
		{Text: "Could you add a CSV export, no rush"}, {Text: "Як подивитися історію цін?"},
		{Text: "Search was a bit slow after lunch."},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(clauses.Of(r.Reason)) == 0 {
			t.Errorf("%q is not known to pkg/clauses", r.Reason)
		}
	}
}
