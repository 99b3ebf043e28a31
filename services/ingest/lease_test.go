package ingest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

const (
	leaseKey   = "telegram-polling-7204418893"
	standingBy = "another copy polls; standing by"
)

func TestOneOfTwoPollsAndTheOtherTakesOver(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	b := bustest.New(t)
	first := onBus(t, pollingConfig(s), b)
	second := onBus(t, pollingConfig(s), b) // ready, though it does not poll
	second.eventually("the second does not stand by", func() bool { return strings.Contains(second.log.String(), standingBy) })
	send(t, s, text(1, -5, 1, "one"))
	waitIdle(t, s)
	first.stop()
	send(t, s, text(2, -5, 2, "two"))
	waitIdle(t, s)
	if got := second.contents(); got != "one two" {
		t.Errorf("stored: %s", got)
	}
	for _, call := range s.Calls("getUpdates") {
		if call.Status == http.StatusConflict {
			t.Error("two polled at once")
		}
	}
}

// A copy that held the lease and died without a word: here, one that there never was.
func TestALeaseThatIsTakenAwayEndsPollingUntilItExpires(t *testing.T) {
	t.Parallel()
	s := telegramServer(t)
	w := newWorld(t, pollingConfig(s))
	w.eventually("it took no lease", func() bool {
		held, err := w.bus.LeaseHeld(t.Context(), leaseKey)
		return held && err == nil
	})
	leases, err := w.bus.JetStream().KeyValue(t.Context(), bus.BucketLeases)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leases.Put(t.Context(), leaseKey, []byte("somebody else")); err != nil {
		t.Fatal(err)
	}
	w.eventually("it did not notice", func() bool { return strings.Contains(w.log.String(), standingBy) })
	polls := len(s.Calls("getUpdates")) + 1 // those that are over, and the one that may still be under way
	now := len(s.Calls("getUpdates"))       // before it is seen that the lease was still held
	if _, err := leases.Get(t.Context(), leaseKey); err == nil && now > polls {
		t.Error("it polls while somebody else holds the lease")
	}
	send(t, s, text(1, -5, 1, "one"))
	waitIdle(t, s)
	if got := w.contents(); got != "one" {
		t.Errorf("stored: %s", got)
	}
}
