// Package bustest gives every test a broker of its own, in process and without
// a port, so that any number of tests run at once.
package bustest

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/testdir"
)

// Server is a JetStream server that lives as long as the test.
type Server struct{ *server.Server }

// StartServer starts a server without streams. Options change what it is started with.
func StartServer(t testing.TB, options ...func(*server.Options)) *Server {
	t.Helper()
	all := &server.Options{
		ServerName: "test", DontListen: true, JetStream: true, StoreDir: testdir.New(t), NoSigs: true, NoLog: true,
	}
	for _, option := range options {
		option(all)
	}
	s, err := server.NewServer(all)
	if err != nil {
		t.Fatalf("make NATS server: %v", err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("NATS server is not ready")
	}
	return &Server{s}
}

// Connect opens a connection that is closed before the server stops.
func (s *Server) Connect(t testing.TB) *bus.Bus {
	t.Helper()
	return s.ConnectAs(t, bus.Config{NATSReplicas: 1})
}

// ConnectAs is Connect with these settings.
func (s *Server) ConnectAs(t testing.TB, cfg bus.Config) *bus.Bus {
	t.Helper()
	b, err := bus.Connect(t.Context(), cfg, t.Name(), zerolog.Nop(), nats.InProcessServer(s.Server))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(b.Close)
	return b
}

// Config is what New makes the streams with.
func Config() bus.Config {
	return bus.Config{NATSReplicas: 1, InboundMaxBytes: 64 << 20}
}

// New starts a server, makes the streams and connects.
func New(t testing.TB) *bus.Bus {
	t.Helper()
	b := StartServer(t).Connect(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := b.EnsureStreams(ctx, Config()); err != nil {
		t.Fatalf("ensure streams: %v", err)
	}
	return b
}

// LeftByClient are the goroutines that nats.go v1.55 leaves behind where a connection is
// closed while the first message is published through it: one waits on a channel that
// Close has taken away (jetstream/publish.go, resetPendingAcksOnReconnect).
func LeftByClient() goleak.Option {
	return goleak.IgnoreTopFunction("github.com/nats-io/nats.go/jetstream.(*jetStream).resetPendingAcksOnReconnect")
}
