//go:build unix

package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"go.uber.org/goleak"

	"github.com/tasktracker/tasktracker/pkg/postgres"
)

// URLEnv names the environment variable with the URL of a server to use.
const URLEnv = "TASKTRACKER_TEST_DATABASE_URL"

// cleanupTimeout bounds dropping a database, startTimeout making one, the server
// included.
const (
	cleanupTimeout = 30 * time.Second
	startTimeout   = 2 * time.Minute
)

// program is the state of this test program. Tests know each other through
// nothing but their process, so the server they share is a package variable.
var program struct {
	mu      sync.Mutex
	running bool // Main is: it will stop what tests start
	source  *source
}

// Main runs the tests of a package, stops the server that they shared, and then
// looks for goroutines that they left (goleak, with options). It returns the
// program's exit status.
func Main(m *testing.M, options ...goleak.Option) int {
	program.mu.Lock()
	program.running = true
	program.mu.Unlock()

	status := m.Run()

	program.mu.Lock()
	defer program.mu.Unlock()
	program.running = false
	if program.source != nil {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
		defer cancel()
		if err := program.source.close(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "postgrestest:", err)
			status = max(status, 1)
		}
		program.source = nil
	}
	if status == 0 {
		if err := goleak.Find(options...); err != nil {
			fmt.Fprintln(os.Stderr, "goleak:", err)
			status = 1
		}
	}
	return status
}

// New returns a pool on a migrated database that is this test's alone.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return connect(t, URL(t))
}

// NewEmpty returns a pool on a database without any table, this test's alone.
func NewEmpty(t testing.TB) *pgxpool.Pool {
	t.Helper()
	return connect(t, EmptyURL(t))
}

// URL is the address of a migrated database that is this test's alone, for tests
// that start something which connects by itself. It is dropped when the test
// ends, with connections that are still open.
func URL(t testing.TB) string {
	t.Helper()
	return database(t, (*source).migrated)
}

// EmptyURL is like URL, for a database without any table.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return database(t, (*source).empty)
}

func connect(t testing.TB, url string) *pgxpool.Pool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	pool, err := postgres.Connect(ctx, url, postgres.Options{ApplicationName: "postgrestest"})
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// database makes a database with create and has it dropped with the test.
func database(t testing.TB, create func(*source, context.Context) (string, error)) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	s, err := current(ctx)
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	name, err := create(s, ctx)
	if err != nil {
		t.Fatalf("postgrestest: create a database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), cleanupTimeout)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Errorf("postgrestest: drop database %s: %v", name, err)
		}
	})
	address, err := withDatabase(s.url, name)
	if err != nil {
		t.Fatalf("postgrestest: %v", err)
	}
	return address
}

// current returns the program's source of databases, opened at the first call.
func current(ctx context.Context) (*source, error) {
	program.mu.Lock()
	defer program.mu.Unlock()
	if !program.running {
		return nil, fmt.Errorf("no one would stop the server: have TestMain call postgrestest.Main")
	}
	if program.source == nil {
		s, err := openSource(ctx, os.Getenv(URLEnv))
		if err != nil {
			return nil, err
		}
		program.source = s
	}
	return program.source, nil
}

func withDatabase(address, name string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("%s is not a URL", URLEnv) // quoting it would show the password
	}
	u.Path = "/" + name
	return u.String(), nil
}
