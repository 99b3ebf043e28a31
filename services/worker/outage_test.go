package worker_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/bus/bustest"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// wire is a line to a database that can be cut.
type wire struct {
	dial func(context.Context) (net.Conn, error)

	mu    sync.Mutex
	isCut bool
	tried chan struct{} // told of each attempt while cut
	conns map[net.Conn]struct{}
}

func (w *wire) connect(ctx context.Context) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.isCut {
		select {
		case w.tried <- struct{}{}:
		default:
		}
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: io.EOF}
	}
	conn, err := w.dial(ctx)
	if err == nil {
		w.conns[conn] = struct{}{}
	}
	return conn, err
}

func (w *wire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = true
	for conn := range w.conns {
		_ = conn.Close() // may have been closed by its user
	}
	clear(w.conns)
}

func (w *wire) mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = false
}

func TestADatabaseThatIsDownCostsNoAttempts(t *testing.T) {
	t.Parallel()
	line := &wire{tried: make(chan struct{}), conns: make(map[net.Conn]struct{})}
	url := postgrestest.URL(t)
	pool := openPool(t, url, func(c *pgxpool.Config) {
		dial := c.ConnConfig.DialFunc
		c.ConnConfig.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
			line.mu.Lock()
			line.dial = func(ctx context.Context) (net.Conn, error) { return dial(ctx, network, addr) }
			line.mu.Unlock()
			return line.connect(ctx)
		}
	})
	w := &world{pool: openPool(t, url, func(*pgxpool.Config) {}), store: store.New(pool), bus: bustest.New(t)}
	w.start(t)
	w.put(t, numbered(0, 50)...)
	w.awaitDone(t)
	line.cut()
	w.put(t, numbered(50, 700)...)
	for range 12 { // far more than MaxAttempts
		select {
		case <-line.tried:
		case <-time.After(patience):
			t.Fatal("the worker does not try")
		}
	}
	if n := w.messages(t, bus.StreamInbound); n != 650 {
		t.Errorf("%d messages are kept, want 650", n)
	}
	line.mend()
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 700 {
		t.Errorf("%d rows", n)
	}
	if n := len(w.events(t, bus.SubjectMessageUpdated)); n != 700 {
		t.Errorf("%d events", n)
	}
	if n := len(w.letters(t)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestASchemaThatIsNotThereIsNotTheMessagesFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.pool.Exec(t.Context(), "ALTER TABLE messages RENAME TO messages_away"); err != nil {
		t.Fatal(err)
	}
	w.put(t, numbered(0, 10)...)
	w.start(t)
	eventually(t, "the messages were taken", func() bool {
		cons, err := w.bus.JetStream().Consumer(t.Context(), bus.StreamInbound, "worker")
		return err == nil && cons.CachedInfo().NumAckPending == 10
	})
	if _, err := w.pool.Exec(t.Context(), "ALTER TABLE messages_away RENAME TO messages"); err != nil {
		t.Fatal(err)
	}
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 10 {
		t.Errorf("%d rows", n)
	}
	if n := len(w.letters(t)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

func TestABrokerThatComesBackGoesOn(t *testing.T) {
	t.Parallel()
	broker := bustest.NewRestartable(t)
	b := broker.Connect()
	pool := postgrestest.New(t)
	w := &world{pool: pool, store: store.New(pool), bus: b}
	w.put(t, numbered(0, 1000)...)
	w.start(t)
	eventually(t, "the worker works", func() bool { return w.count(t, "SELECT count(*) FROM messages") > 0 })
	broker.Stop()
	// Written while the broker is down: for the relay.
	if _, _, err := w.store.UpdateGroups(t.Context(), func([]store.Group) ([]store.Group, error) {
		return []store.Group{{ID: -7}}, nil
	}); err != nil {
		t.Fatal(err)
	}
	broker.Start()
	eventually(t, "the broker is back", func() bool { return b.Ready(t.Context()) == nil })
	w.put(t, numbered(1000, 1100)...)
	w.awaitDone(t)
	if n := w.count(t, "SELECT count(*) FROM messages"); n != 1100 {
		t.Errorf("%d rows", n)
	}
	if n := len(w.events(t, bus.SubjectMessageUpdated)); n != 1100 {
		t.Errorf("%d events", n)
	}
	eventually(t, "the outbox is relayed", func() bool { return len(w.events(t, bus.SubjectSettingsUpdated)) == 1 })
	if n := len(w.letters(t)); n != 0 {
		t.Errorf("%d dead letters", n)
	}
}

// openPool connects to a database of the test's own by way of change.
func openPool(t *testing.T, url string, change func(*pgxpool.Config)) *pgxpool.Pool {
	t.Helper()
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	change(cfg)
	pool, err := pgxpool.NewWithConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}
