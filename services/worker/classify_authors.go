package worker

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tasktracker/tasktracker/pkg/store"
)

const (
	// maxAuthors bounds the names that are masked: of those who wrote first last.
	maxAuthors = 5_000
	// authorsAge is how old the list may be; who is judged is known at once.
	authorsAge = time.Minute
)

// authors knows the names that are masked before a text leaves the machine.
type authors struct {
	store interface {
		AuthorNames(ctx context.Context, limit int) ([]string, error)
	}
	known atomic.Pointer[[]string]
	mu    sync.Mutex // of learn
	read  time.Time
}

// learn takes in the names of those who are judged, and now and then those of all others.
// Without the list nothing may leave.
func (a *authors) learn(ctx context.Context, claimed []store.Conversation) error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	names := a.names()
	if a.read.IsZero() || time.Since(a.read) >= authorsAge {
		all, err := a.store.AuthorNames(ctx, maxAuthors)
		if err != nil {
			return err
		}
		names, a.read = all, time.Now()
	}
	there := make(map[string]bool, len(names))
	for _, name := range names {
		there[name] = true
	}
	names = slices.Clone(names) // who masks just now has the old list
	for _, c := range claimed {
		for _, m := range c.Messages {
			if m.AuthorName != "" && !there[m.AuthorName] {
				there[m.AuthorName] = true
				names = append(names, m.AuthorName)
			}
		}
	}
	a.known.Store(&names)
	return nil
}

// names are those that learn has heard of.
func (a *authors) names() []string {
	if names := a.known.Load(); names != nil {
		return *names
	}
	return nil
}
