package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
)

func TestConnect_SetsUpItsPool(t *testing.T) {
	t.Parallel()
	address := postgrestest.EmptyURL(t)
	for name, c := range map[string]struct {
		query    string
		opts     postgres.Options
		maxConns int32
		app      string
	}{
		"by default":           {"", postgres.Options{}, 10, "task-tracker"},
		"from options":         {"", postgres.Options{MaxConns: 3, ApplicationName: "worker"}, 3, "worker"},
		"from the URL":         {"&pool_max_conns=7&application_name=mine", postgres.Options{}, 7, "mine"},
		"options over the URL": {"&pool_max_conns=7&application_name=mine", postgres.Options{MaxConns: 2, ApplicationName: "api"}, 2, "api"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pool, err := postgres.Connect(t.Context(), address+c.query, c.opts)
			if err != nil {
				t.Fatal(err)
			}
			defer pool.Close()
			var app, zone string
			if err := pool.QueryRow(t.Context(), `SELECT current_setting('application_name'), current_setting('timezone')`).Scan(&app, &zone); err != nil {
				t.Fatal(err)
			}
			if app != c.app || zone != "UTC" || pool.Config().MaxConns != c.maxConns {
				t.Errorf("application %q, time zone %q, %d connections; want %q, UTC, %d", app, zone, pool.Config().MaxConns, c.app, c.maxConns)
			}
		})
	}
}

// The answers of the API have times as they are read, and are UTC on a machine in any zone.
func TestConnect_ReadsTimesAsUTC(t *testing.T) {
	t.Parallel()
	pool, err := postgres.Connect(t.Context(), postgrestest.EmptyURL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var one time.Time
	var nullable *time.Time
	var all []time.Time
	if err := pool.QueryRow(t.Context(), `SELECT now(), now(), ARRAY[now()]`).Scan(&one, &nullable, &all); err != nil {
		t.Fatal(err)
	}
	for _, at := range append(all, one, *nullable) {
		if at.Location() != time.UTC {
			t.Errorf("a time is in the zone %s, want UTC", at.Location())
		}
	}
}

// A server that comes up later: its port refuses at first, then forwards.
func TestConnect_WaitsForTheServer(t *testing.T) {
	t.Parallel()
	target, err := url.Parse(postgrestest.EmptyURL(t))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	late := *target
	late.Host = listener.Addr().String()
	var log waitingLog
	log.waiting = make(chan struct{})
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		<-log.waiting // Connect has failed at least once
		forward(listener, target.Host)
	}()
	// Until then every connection is closed without a word.
	refused := make(chan struct{})
	go func() {
		defer close(refused)
		if conn, err := listener.Accept(); err == nil {
			conn.Close()
		}
	}()
	pool, err := postgres.Connect(t.Context(), late.String(), postgres.Options{Log: zerolog.New(&log)})
	if err != nil {
		t.Fatal(err)
	}
	pool.Close()
	listener.Close()
	<-accepted
	<-refused
	password, _ := target.User.Password()
	if said := log.String(); strings.Contains(said, password) {
		t.Errorf("the log has the password: %s", said)
	}
}

// waitingLog closes waiting at the first line.
type waitingLog struct {
	bytes.Buffer
	waiting chan struct{}
}

func (l *waitingLog) Write(p []byte) (int, error) {
	if l.Len() == 0 {
		close(l.waiting)
	}
	return l.Buffer.Write(p)
}

func forward(listener net.Listener, host string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer client.Close()
			server, err := net.Dial("tcp", host)
			if err != nil {
				return
			}
			defer server.Close()
			go func() {
				_, _ = io.Copy(server, client)
				server.Close()
			}()
			_, _ = io.Copy(client, server)
		}()
	}
}

func TestConnect_FailsAtOnceWhereWaitingCannotHelp(t *testing.T) {
	t.Parallel()
	address := postgrestest.EmptyURL(t)
	right, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	wrongPassword, noDatabase := *right, *right
	wrongPassword.User = url.UserPassword(right.User.Username(), "s3cr3t-guess")
	noDatabase.Path = "/no_such_database"
	for name, c := range map[string]struct{ url, says, hides string }{
		"wrong password": {wrongPassword.String(), "password authentication failed", "s3cr3t-guess"},
		"no database":    {noDatabase.String(), "no_such_database", right.User.String()},
		"not a URL":      {"postgres://u:s3cr3t@ho st:x/db", "DATABASE_URL", "s3cr3t"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := postgres.Connect(t.Context(), c.url, postgres.Options{})
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), c.hides) {
				t.Errorf("got %v; want it to say %q and not the password", err, c.says)
			}
		})
	}
}

func TestConnect_GivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := listener.Addr().String()
	listener.Close() // no one listens there now
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = postgres.Connect(ctx, "postgres://u:s3cr3t@"+host+"/db", postgres.Options{})
	if !errors.Is(err, context.DeadlineExceeded) || strings.Contains(err.Error(), "s3cr3t") || !strings.Contains(err.Error(), host) {
		t.Errorf("got %v; want the deadline, the address and no password", err)
	}
}
