// Package standalone runs all of Task Tracker in one process: the four services,
// an embedded NATS server and a PostgreSQL server of its own, behind one port. It
// has no logic of its own: it only starts things in order and stops them in the
// reverse one.
package standalone

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/nats-io/nats.go"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/backup"
	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/embeddednats"
	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/httpserver"
	"github.com/tasktracker/tasktracker/pkg/logging"
	"github.com/tasktracker/tasktracker/pkg/postgres"
	"github.com/tasktracker/tasktracker/pkg/secrets"
	"github.com/tasktracker/tasktracker/pkg/service"
	"github.com/tasktracker/tasktracker/services/standalone/internal/datadir"
	"github.com/tasktracker/tasktracker/services/standalone/internal/operate"
)

const (
	startTimeout = 2 * time.Minute
	stopTimeout  = 15 * time.Second
)

// Run starts everything, prints to out where things are once they work, and
// returns when ctx has ended and everything has stopped, or with the first error.
func Run(ctx context.Context, cfg Config, out io.Writer) (err error) {
	shareProcessors()
	log := logging.New(cfg.LogConfig, os.Stderr, "standalone")
	// Listen first: a taken port is told before anything is started.
	listener, err := httpserver.Listen(ctx, net.JoinHostPort("", strconv.Itoa(cfg.Port)))
	if err != nil {
		return fmt.Errorf("%w (set PORT to a free one)", err)
	}
	defer listener.Close() // closed by Serve; this is for a start that fails
	unlock, err := datadir.Lock(cfg.DataDir)
	if err != nil {
		return err
	}
	defer unlock()
	ring, err := openSecrets(cfg)
	if err != nil {
		return err
	}

	deps := service.Deps{Log: log, Metrics: service.NewRegistry()}
	stopTelemetry, err := deps.Observe(ctx, cfg.TelemetryConfig, "standalone")
	if err != nil {
		return err
	}
	defer stopTelemetry()
	startCtx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	pool, database, err := openDatabase(startCtx, cfg, log)
	if err != nil {
		return err
	}
	defer func() {
		database.stop(ctx, log)
		service.LogStop(log, err)
	}()
	defer postgres.Close(pool)
	b, stopBus, err := openBus(startCtx, cfg, log)
	if err != nil {
		return err
	}
	defer stopBus()

	if err := errors.Join(deps.Use(b), deps.Metrics.Register(postgres.NewPoolCollector(pool))); err != nil {
		return err
	}
	line, err := newLine(cfg, deps, pool, ring)
	if err != nil {
		return err
	}
	cancel()
	log.Info().Str("address", listener.Addr().String()).Msg("started")
	serveCtx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	go database.watch(serveCtx, stop)
	defer serveBackups(serveCtx, cfg, database, b, log)()
	go announce(serveCtx, line, cfg, listener.Addr(), out)
	if err := service.Serve(serveCtx, listener, line, deps); err != nil {
		return err
	}
	if cause := context.Cause(serveCtx); !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}

// shareProcessors runs Go code on twice as many threads as there are processors. Storing, grouping and the
// collector are bursts of work: with a thread for each processor they kept every message that came meanwhile
// waiting, up to 10 ms at each of its steps. The kernel lets whoever has waited run first (docs/performance.md).
// GOMAXPROCS overrides it.
func shareProcessors() {
	if os.Getenv("GOMAXPROCS") == "" {
		runtime.SetDefaultGOMAXPROCS() // whatever was set before
		runtime.GOMAXPROCS(2 * runtime.GOMAXPROCS(0))
	}
}

// openSecrets takes the key of the setting, else the one of DATA_DIR.
func openSecrets(cfg Config) (*secrets.Ring, error) {
	key := cfg.SettingsEncryptionKey
	if key == "" {
		var err error
		if key, err = datadir.Key(cfg.DataDir); err != nil {
			return nil, err
		}
	}
	return secrets.NewRing(key)
}

// database is the PostgreSQL that we started; empty where it is the user's own.
type database struct{ server *embeddedpostgres.Server }

// url is the address of the database that is used.
func (d database) url(cfg Config) string {
	if d.server == nil {
		return cfg.DatabaseURL
	}
	return d.server.URL()
}

func openDatabase(ctx context.Context, cfg Config, log zerolog.Logger) (*pgxpool.Pool, database, error) {
	var db database
	if cfg.DatabaseURL == "" {
		dir, err := filepath.Abs(cfg.DataDir)
		if err != nil {
			return nil, db, fmt.Errorf("find DATA_DIR: %w", err)
		}
		if db.server, err = embeddedpostgres.Start(ctx, embeddedpostgres.Config{DataDir: dir, Log: log}); err != nil {
			return nil, db, fmt.Errorf("start PostgreSQL: %w", err)
		}
	}
	pool, err := connect(ctx, db.url(cfg), log)
	if err != nil {
		db.stop(ctx, log)
		return nil, database{}, err
	}
	return pool, db, nil
}

func connect(ctx context.Context, url string, log zerolog.Logger) (*pgxpool.Pool, error) {
	if err := postgres.Migrate(ctx, url, log); err != nil {
		return nil, fmt.Errorf("migrate the database: %w", err)
	}
	pool, err := postgres.Connect(ctx, url, postgres.Options{ApplicationName: "standalone", Log: log})
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return pool, nil
}

func (d database) stop(ctx context.Context, log zerolog.Logger) {
	if d.server == nil {
		return
	}
	stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := d.server.Stop(stopCtx); err != nil {
		log.Error().Err(err).Msg("PostgreSQL did not stop cleanly")
	}
}

// watch ends everything when PostgreSQL has failed for good.
func (d database) watch(ctx context.Context, stop context.CancelCauseFunc) {
	if d.server == nil {
		return
	}
	select {
	case <-d.server.Done():
		stop(d.server.Err())
	case <-ctx.Done():
	}
}

func openBus(ctx context.Context, cfg Config, log zerolog.Logger) (*bus.Bus, func(), error) {
	stopServer := func() {}
	var opts []nats.Option
	if cfg.NATSURL == "" {
		server, err := embeddednats.Start(embeddednats.Config{
			StoreDir: filepath.Join(cfg.DataDir, "nats"), SyncAlways: cfg.NATSSync == bus.SyncAlways, Log: log,
		})
		if err != nil {
			return nil, nil, err
		}
		stopServer = server.Stop
		opts = append(opts, server.Connection())
	}
	b, err := bus.Connect(ctx, cfg.BusConfig, "standalone", log, opts...)
	if err != nil {
		stopServer()
		return nil, nil, err
	}
	if err := b.EnsureStreams(ctx, cfg.BusConfig); err != nil {
		b.Close()
		stopServer()
		return nil, nil, err
	}
	return b, func() { b.Close(); stopServer() }, nil
}

// serveBackups has the operator's tool reach what only this process can. stop ends it
// and waits until nobody reads any more.
func serveBackups(ctx context.Context, cfg Config, db database, b *bus.Bus, log zerolog.Logger) (stop func()) {
	listener, err := datadir.Listen(cfg.DataDir)
	if err != nil { // a file system without sockets is no reason not to work
		log.Warn().Err(err).Msg("backups can be made only while standalone is stopped")
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := operate.Serve(ctx, listener, backup.Place{DatabaseURL: db.url(cfg), Bus: b, Log: log}, log); err != nil {
			log.Error().Err(err).Msg("backups can be made only while standalone is stopped")
		}
	}()
	return func() { cancel(); <-ended }
}

// announce prints where things are once the whole line works.
func announce(ctx context.Context, line *line, cfg Config, addr net.Addr, out io.Writer) {
	for line.Ready(ctx) != nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	_, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return
	}
	base := "http://localhost:" + port
	fmt.Fprintf(out, `
Task Tracker is running.
  Dashboard   %s
  API         %s/api        health %s/readyz
  Webhook     %s/webhook/telegram
  Data        %s

To hear your own groups connect a bot on %s/settings.
Ctrl-C stops everything (all settings of the environment: .env.example).

`, base, base, base, base, cfg.DataDir, base)
}
