package connect

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// The first hop that was not reached says whose trouble it is.
func TestATestConcludesFromTheFirstHopThatIsMissing(t *testing.T) {
	t.Parallel()
	for n, fix := range map[int]string{0: "leads to this installation", 1: "disk is not full", 2: "stream EVENTS", 3: "worker and PostgreSQL"} {
		reached := map[string]time.Duration{}
		for _, hop := range Hops[:n] {
			reached[hop] = time.Millisecond
		}
		var r Report
		conclude(&r, reached, nil)
		if r.Success || !strings.Contains(r.Fix, fix) || r.Hops[n].Detail != r.Message || r.Code != "test_"+Hops[n] || r.Hops[n].After != nil || len(r.Hops) != len(Hops) {
			t.Errorf("%d hops: %+v", n, r)
		}
	}
	var r Report
	conclude(&r, nil, errors.New("some reason"))
	if r.Success || !strings.Contains(r.Message, "some reason") || r.Fix == "" || r.Code != "test_unsent" || r.Detail != "some reason" {
		t.Errorf("not sent: %+v", r)
	}
}
