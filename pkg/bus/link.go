package bus

import (
	"context"
	"errors"
	"sync"
)

// errLost is why nobody waits any longer for acks: they went with the connection.
var errLost = errors.New("lost the connection to the broker")

// link gives contexts that end when the connection is lost.
type link struct {
	mu     sync.Mutex
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func newLink() *link {
	l := &link{}
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	return l
}

func (l *link) context() context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ctx
}

// lost ends the contexts that were given. What is published from now on waits for the
// next connection.
func (l *link) lost() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cancel(errLost)
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
}
