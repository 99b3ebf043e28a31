package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/rs/zerolog"
)

const (
	// defaultMaxConns leaves room for several services of each kind under a
	// server's usual limit of 100 connections.
	defaultMaxConns = 10

	// Connections are renewed, each at its own time, so that a failover or a new
	// address is noticed within the hour; idle ones are given back.
	connLifetime       = time.Hour
	connLifetimeJitter = 10 * time.Minute
	connIdleTime       = 10 * time.Minute

	// pingTimeout bounds the question whether an idle connection still works. Without it
	// one that leads nowhere any more holds its place in the pool for good, and the end of
	// the process up with it.
	pingTimeout = 3 * time.Second

	// dialTimeout bounds one attempt, so that a silent host does not hold up all.
	dialTimeout = 5 * time.Second

	firstRetry = 50 * time.Millisecond
	maxRetry   = 2 * time.Second

	// sayEvery is the time between two log lines of a Connect that waits.
	sayEvery = 10 * time.Second
)

// Options of Connect. The zero value is usable.
type Options struct {
	// ApplicationName is what the server's lists and logs call us. Empty: that of
	// the URL, else "task-tracker".
	ApplicationName string

	// MaxConns bounds the pool; whoever needs one more waits. 0: pool_max_conns of
	// the URL, else 10.
	MaxConns int32

	// Log gets a line when the server has to be waited for, and one every ten
	// seconds.
	Log zerolog.Logger
}

// Connect returns a pool whose server has answered. It tries with back-off (50 ms
// to 2 s) until ctx ends, and fails at once where waiting cannot help.
// Statements are prepared once per connection and cached (pgx's default, for a
// proxy that cannot have that set default_query_exec_mode in the URL); times are
// UTC.
func Connect(ctx context.Context, url string, opts Options) (*pgxpool.Pool, error) {
	cfg, err := poolConfig(url, opts)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("make pool of connections: %w", err)
	}
	if err := await(ctx, pool, opts.Log); err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to PostgreSQL at %s: %w", address(cfg.ConnConfig), err)
	}
	return pool, nil
}

// closeTimeout bounds Close.
const closeTimeout = 3 * time.Second

// Close closes the pool before its process ends. It waits for a farewell of the server on
// each connection, but not where connections lead nowhere any more.
func Close(pool *pgxpool.Pool) {
	closed := make(chan struct{})
	go func() { defer close(closed); pool.Close() }()
	select {
	case <-closed:
	case <-time.After(closeTimeout):
	}
}

func poolConfig(url string, opts Options) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		// pgx quotes the URL; it hides a password that it recognises, but a URL
		// that does not parse may have it anywhere.
		return nil, errors.New("DATABASE_URL is not a PostgreSQL URL (postgres://user:password@host:5432/database?sslmode=...)")
	}
	if opts.MaxConns > 0 {
		cfg.MaxConns = opts.MaxConns
	} else if !givesMaxConns(url) {
		cfg.MaxConns = defaultMaxConns
	}
	cfg.MaxConnLifetime = connLifetime
	cfg.MaxConnLifetimeJitter = connLifetimeJitter
	cfg.MaxConnIdleTime = connIdleTime
	cfg.PingTimeout = pingTimeout
	params := cfg.ConnConfig.RuntimeParams
	params["application_name"] = cmp.Or(opts.ApplicationName, params["application_name"], "task-tracker")
	params["timezone"] = "UTC"
	cfg.AfterConnect = scanUTC
	if cfg.ConnConfig.ConnectTimeout == 0 || cfg.ConnConfig.ConnectTimeout > dialTimeout {
		cfg.ConnConfig.ConnectTimeout = dialTimeout
	}
	return cfg, nil
}

// scanUTC has times read as UTC: pgx gives them the zone of the machine, whatever that of the session is.
func scanUTC(_ context.Context, conn *pgx.Conn) error {
	one := &pgtype.Type{Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC}}
	conn.TypeMap().RegisterType(one)
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "_timestamptz", OID: pgtype.TimestamptzArrayOID, Codec: &pgtype.ArrayCodec{ElementType: one}})
	return nil
}

// givesMaxConns says whether the URL sets the size of the pool, which pgxpool
// does not tell from its own default.
func givesMaxConns(url string) bool {
	cfg, err := pgx.ParseConfig(url) // knows no pools, and keeps their parameters
	if err != nil {
		return false
	}
	_, given := cfg.RuntimeParams["pool_max_conns"]
	return given
}

func await(ctx context.Context, pool *pgxpool.Pool, log zerolog.Logger) error {
	var said time.Time
	for delay := firstRetry; ; delay = min(2*delay, maxRetry) {
		err := pool.Ping(ctx)
		if err == nil {
			if !said.IsZero() {
				log.Info().Msg("PostgreSQL answers")
			}
			return nil
		}
		if hopeless(err) {
			return err
		}
		if time.Since(said) > sayEvery && ctx.Err() == nil {
			log.Warn().Err(err).Msg("waiting for PostgreSQL")
			said = time.Now()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (last attempt: %w)", context.Cause(ctx), err)
		case <-time.After(delay/2 + rand.N(delay)): // not all at the same moment
		}
	}
}

// hopeless says whether the server has refused us for good: no such user or
// password, no such database, no right to connect.
func hopeless(err error) bool {
	refusal, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch refusal.Code {
	case "28000", "28P01", "3D000", "42501": // PostgreSQL, appendix A: error codes
		return true
	}
	return false
}

// address is where the server is, without who we are.
func address(cfg *pgx.ConnConfig) string {
	return fmt.Sprintf("%s:%d/%s", cfg.Host, cfg.Port, cfg.Database)
}
