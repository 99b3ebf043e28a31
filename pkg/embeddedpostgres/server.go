//go:build unix

package embeddedpostgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// startAttempts covers a port that is taken between our choice and the
	// server's, and backends of a killed server that take a moment to go.
	startAttempts = 5

	// maxFailures in a row end the supervision; a run of healthyAfter ends the row.
	maxFailures  = 5
	healthyAfter = time.Minute

	// firstBackoff doubles up to maxBackoff between restarts.
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
)

// Server is a running PostgreSQL under our supervision.
type Server struct {
	cfg      Config
	place    place
	bin      binaries
	locks    []*lock
	password string
	port     int

	stopOnce  sync.Once
	stopping  chan struct{} // closed by Stop
	hurryOnce sync.Once
	hurry     chan struct{} // closed when Stop's context has ended
	done      chan struct{} // closed when the server is gone for good
	err       error         // read after done
}

// Start starts PostgreSQL on cfg.DataDir, making the database the first time,
// and returns when it answers. ctx bounds the start only; Stop ends the server.
// Errors are those of errors.go, or say what went wrong with the server's own
// last words.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("embedded PostgreSQL: %w", err)
	}
	cfg, err := cfg.absolute()
	if err != nil {
		return nil, err
	}
	if cfg.BinariesDir == "" {
		if cfg.BinariesDir, err = FindBinaries(); err != nil {
			return nil, err
		}
	}
	s := &Server{cfg: cfg, stopping: make(chan struct{}), hurry: make(chan struct{}), done: make(chan struct{})}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare PostgreSQL for %s: %w", cfg.DataDir, err), s.unlock())
	}
	started := make(chan error)
	go s.supervise(ctx, started)
	if err := <-started; err != nil {
		<-s.done
		return nil, err
	}
	if err := s.ensureDatabase(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("create database %s: %w", databaseName, err), s.Stop(ctx))
	}
	return s, nil
}

// prepare takes the locks and brings the place into a state to start from.
func (s *Server) prepare(ctx context.Context) error {
	dataDir, err := s.lockDataDir()
	if err != nil {
		return err
	}
	if s.place, s.bin, err = locate(ctx, dataDir, s.cfg.BinariesDir); err != nil {
		return err
	}
	// Its own lock as well: a copied DATA_DIR points at the same place.
	held, err := acquireLock(filepath.Join(s.place.dir, lockFile), s.place.dir)
	if err != nil {
		return err
	}
	s.locks = append(s.locks, held)
	if err := s.place.stopLeftover(ctx, s.cfg.Log); err != nil {
		return err
	}
	s.password, err = s.place.ensureCluster(ctx, s.bin, s.cfg.Settings["fsync"] != "off")
	return err
}

func (s *Server) lockDataDir() (string, error) {
	if err := os.MkdirAll(s.cfg.DataDir, 0o755); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	dataDir, err := filepath.EvalSymlinks(s.cfg.DataDir) // one name, one place
	if err != nil {
		return "", err
	}
	held, err := acquireLock(filepath.Join(dataDir, lockFile), dataDir)
	if err != nil {
		return "", err
	}
	s.locks = append(s.locks, held)
	return dataDir, nil
}

// supervise runs the server until Stop, or until it fails too often. started
// gets one value: whether the first start succeeded.
func (s *Server) supervise(ctx context.Context, started chan<- error) {
	// The server dies with the thread that started it (see dieWithUs), so all
	// starts happen on this one, which lives as long as the supervision.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.done)
	defer func() { s.err = errors.Join(s.err, s.unlock()) }()

	proc, err := s.firstStart(ctx)
	started <- err
	if err != nil {
		return
	}
	for failures := 0; ; {
		select {
		case <-s.stopping:
			proc.shutdown(s.hurry)
			return
		case <-proc.exited:
		}
		if time.Since(proc.started) > healthyAfter {
			failures = 0
		}
		if proc, failures = s.restart(proc, failures); proc == nil {
			return
		}
	}
}

// firstStart starts the server on a port that the kernel has free.
func (s *Server) firstStart(ctx context.Context) (*process, error) {
	var last error
	for attempt := range startAttempts {
		if attempt > 0 {
			s.cfg.Log.Warn().Err(last).Msg("PostgreSQL did not start, trying again")
			if !s.pause(ctx, firstBackoff<<attempt) {
				break
			}
		}
		port, err := freePort(ctx)
		if err != nil {
			return nil, err
		}
		s.port = port
		proc, err := startProcess(s.place, s.bin, s.cfg.arguments(s.place.dataDir(), port), s.cfg.Log)
		if err != nil {
			return nil, err
		}
		if last = proc.awaitReady(ctx, s.url("postgres")); last == nil {
			s.cfg.Log.Info().Int("pid", proc.cmd.Process.Pid).Int("port", port).Str("place", s.place.dir).Msg("PostgreSQL is running")
			return proc, nil
		}
		proc.shutdown(s.hurry)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, fmt.Errorf("start PostgreSQL in %s: %w", s.place.dir, last)
}

// restart starts the server that has just ended again, on its port. It returns
// nil when there is nothing left to supervise: s.err says why, or we are
// stopping.
func (s *Server) restart(proc *process, failures int) (*process, int) {
	for last := proc.err; ; failures++ {
		if failures >= maxFailures {
			s.err = fmt.Errorf("%w: given up after %d times in a row: %w", ErrFailing, failures, last)
			s.cfg.Log.Error().Err(s.err).Msg("PostgreSQL is not restarted any more")
			return nil, failures
		}
		delay := min(firstBackoff<<failures, maxBackoff)
		s.cfg.Log.Error().Err(last).Dur("retry_in", delay).Msg("PostgreSQL died, restarting it")
		if !s.pause(context.Background(), delay) {
			return nil, failures
		}
		next, err := s.startAgain()
		if err == nil {
			s.cfg.Log.Info().Int("pid", next.cmd.Process.Pid).Msg("PostgreSQL is running again")
			return next, failures + 1
		}
		last = err
		if errors.Is(err, errStopping) {
			return nil, failures
		}
	}
}

var errStopping = errors.New("stopping")

func (s *Server) startAgain() (*process, error) {
	proc, err := startProcess(s.place, s.bin, s.cfg.arguments(s.place.dataDir(), s.port), s.cfg.Log)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	go func() {
		select {
		case <-s.stopping:
			cancel(errStopping)
		case <-ctx.Done():
		}
	}()
	if err := proc.awaitReady(ctx, s.url("postgres")); err != nil {
		proc.shutdown(s.hurry)
		return nil, err
	}
	return proc, nil
}

// pause waits and says whether to go on.
func (s *Server) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.stopping:
	case <-ctx.Done():
	}
	return false
}

// ensureDatabase creates our database, which initdb does not.
func (s *Server) ensureDatabase(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var exists bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, databaseName).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+databaseName)
	return err
}

// freePort asks the kernel for a port of 127.0.0.1 that no one listens on.
func freePort(ctx context.Context) (int, error) {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

func (s *Server) url(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(roleName, s.password),
		Host:     fmt.Sprintf("127.0.0.1:%d", s.port),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// URL is the address of the database, with its password: not for logs. It stays
// the same when the server is restarted, and differs from Start to Start.
func (s *Server) URL() string { return s.url(databaseName) }

// Dir is the directory that holds the server's files.
func (s *Server) Dir() string { return s.place.dir }

// Done is closed when the server is gone for good: stopped, or failing.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err is nil until Done is closed and after Stop, else why the server is gone.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop shuts the server down and returns when it is gone. Sessions are ended and
// the data written out; when ctx ends before that (or after ten seconds) the
// server is ended at once, and recovers at its next start. Stop may be called
// more than once, and by several at a time.
func (s *Server) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { close(s.stopping) })
	select {
	case <-s.done:
	case <-ctx.Done():
		s.hurryOnce.Do(func() { close(s.hurry) })
		<-s.done
	}
	return s.err
}

func (s *Server) unlock() error {
	var err error
	for _, l := range s.locks {
		err = errors.Join(err, l.release())
	}
	s.locks = nil
	return err
}
