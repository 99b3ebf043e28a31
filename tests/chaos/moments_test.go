package chaos

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"
)

// long skips a test that takes more than a minute, unless all are asked for.
func long(t *testing.T) {
	t.Helper()
	if !atLength() {
		t.Skip("takes minutes: run ./just chaos")
	}
}

// moments is where a test takes its random moments from; the seed is logged.
func moments(t *testing.T) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed of the random moments: %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// anyMoment waits until the fault is due: a random moment of at most this many seconds,
// whatever the line does by then. (It is no wait for something to have happened.)
func anyMoment(t *testing.T, random *rand.Rand, seconds float64) {
	t.Helper()
	select {
	case <-time.After(time.Duration(random.Float64() * seconds * float64(time.Second))):
	case <-t.Context().Done():
	}
}

const sigkill = syscall.SIGKILL
