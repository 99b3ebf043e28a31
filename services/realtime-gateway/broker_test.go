package gateway_test

import (
	"context"
	"net"
	"testing"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
)

// restartable is a broker that can be stopped and started again with its data and
// at its address.
type restartable struct {
	t    *testing.T
	dir  string
	port int
	srv  *server.Server
}

func newRestartable(t *testing.T) *restartable {
	t.Helper()
	r := &restartable{t: t, dir: t.TempDir(), port: server.RANDOM_PORT}
	r.start()
	t.Cleanup(func() { r.stop() })
	return r
}

func (r *restartable) start() {
	r.t.Helper()
	srv, err := server.NewServer(&server.Options{
		ServerName: "test", Host: "127.0.0.1", Port: r.port, JetStream: true, StoreDir: r.dir, NoSigs: true, NoLog: true,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	srv.Start()
	if !srv.ReadyForConnections(patience) {
		r.t.Fatal("broker does not start")
	}
	r.srv, r.port = srv, srv.Addr().(*net.TCPAddr).Port
}

func (r *restartable) stop() {
	r.srv.Shutdown()
	r.srv.WaitForShutdown()
}

func (r *restartable) connect() *bus.Bus {
	r.t.Helper()
	cfg := bustest.Config()
	cfg.NATSURL = r.srv.ClientURL()
	ctx, cancel := context.WithTimeout(r.t.Context(), patience)
	defer cancel()
	b, err := bus.Connect(ctx, cfg, r.t.Name(), zerolog.Nop())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(b.Close)
	if err := b.EnsureStreams(ctx, cfg); err != nil {
		r.t.Fatal(err)
	}
	return b
}
