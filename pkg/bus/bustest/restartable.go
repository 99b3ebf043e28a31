package bustest

import (
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/testdir"
)

// Restartable is a broker that can be stopped, and started again with its data. Connections to
// it come back without a port, which somebody else could have been given meanwhile.
type Restartable struct {
	t   testing.TB
	dir string

	mu     sync.Mutex
	server *Server
}

// NewRestartable starts one, without streams.
func NewRestartable(t testing.TB) *Restartable {
	t.Helper()
	r := &Restartable{t: t, dir: testdir.New(t)}
	r.Start()
	return r
}

// Start starts it again after Stop.
func (r *Restartable) Start() {
	r.t.Helper()
	s := StartServer(r.t, func(o *server.Options) { o.StoreDir = r.dir })
	r.mu.Lock()
	defer r.mu.Unlock()
	r.server = s
}

// Stop stops it and waits for the end.
func (r *Restartable) Stop() {
	s := r.now()
	s.Shutdown()
	s.WaitForShutdown()
}

func (r *Restartable) now() *Server {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.server
}

// InProcessConn implements nats.InProcessConnProvider.
func (r *Restartable) InProcessConn() (net.Conn, error) { return r.now().InProcessConn() }

// Connect makes the streams and gives a connection that comes back after a restart.
func (r *Restartable) Connect() *bus.Bus {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	b, err := bus.Connect(ctx, Config(), r.t.Name(), zerolog.Nop(), nats.InProcessServer(r))
	if err != nil {
		r.t.Fatalf("connect: %v", err)
	}
	r.t.Cleanup(b.Close)
	if err := b.EnsureStreams(ctx, Config()); err != nil {
		r.t.Fatalf("ensure streams: %v", err)
	}
	return b
}
