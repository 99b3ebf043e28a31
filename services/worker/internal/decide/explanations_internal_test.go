package decide

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/clauses"
)

// What is said here is said in other languages too, clause by clause.
func TestExplanationsAreTakenApart(t *testing.T) {
	t.Parallel()
	for _, shadow := range []bool{false, true} {
		takenApart(t, Policy{TaskThreshold: 0.75, ProposalThreshold: 0.45, Shadow: shadow})
	}
}

func takenApart(t *testing.T, policy Policy) {
	t.Helper()
	for _, probability := range []float64{0, 0.44, 0.45, 0.749, 0.75, 1} {
		for _, person := range []bool{false, true} {
			kind, said := policy.kind(probability, person)
			got := clauses.Of(said)
			if len(got) == 0 || got[len(got)-1].Code != kind || (got[0].Code == "by_person") != person {
				t.Errorf("%g, %v: %q is %v, want %s", probability, person, said, got, kind)
			}
		}
	}
}
