package line

import (
	"context"
	"testing"
	"time"
)

// Patience bounds every wait for something that has to come; nothing is asserted
// about how long it takes. A busy disk alone may hold up the making of a database for a minute.
const Patience = 2 * time.Minute

// The first pause between two looks and the longest: what takes long is looked at less
// often, since looking costs the machine that is to do the work.
const (
	firstLook = 20 * time.Millisecond
	lastLook  = 400 * time.Millisecond
)

// Eventually waits until ok is true, looking often; it is how tests wait for what
// another process does. What describe returns is said where Patience ends first.
func Eventually(t testing.TB, ok func() bool, describe func() string) {
	t.Helper()
	EventuallyWithin(t, Patience, ok, describe)
}

// EventuallyWithin is Eventually with another patience.
func EventuallyWithin(t testing.TB, patience time.Duration, ok func() bool, describe func() string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for pause := firstLook; !ok(); pause = min(pause+pause/4, lastLook) {
		select {
		case <-ctx.Done():
			t.Fatal(describe())
		case <-time.After(pause):
		}
	}
}

// EventuallyProgressing is Eventually for what may take long on a slow machine: Patience
// begins anew whenever progress gives more than before.
func EventuallyProgressing(t testing.TB, ok func() bool, progress func() int, describe func() string) {
	t.Helper()
	// The hour only ends what progresses for ever.
	most, since := progress(), time.Now()
	EventuallyWithin(t, time.Hour, func() bool {
		if ok() {
			return true
		}
		if now := progress(); now > most {
			most, since = now, time.Now()
		}
		if time.Since(since) > Patience {
			t.Fatal(describe())
		}
		return false
	}, describe)
}
