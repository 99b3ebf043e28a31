package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/golang-migrate/migrate/v4"
	driver "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/migrations"
)

// migrationLock is the key of the advisory lock that one migrating process
// holds ("task" in ASCII). golang-migrate has one too, but waits for it without
// regard to our context.
const migrationLock = 0x7461736b

// releaseTimeout bounds what is still done when the context has ended.
const releaseTimeout = 5 * time.Second

// Migrate brings the database up to this program's schema. It waits while
// another process migrates, until ctx ends; a migration that has begun is
// finished. It returns ErrNewerSchema or ErrDirty where a person has to decide.
func Migrate(ctx context.Context, url string, log zerolog.Logger) error {
	return MigrateFS(ctx, url, migrations.FS, log)
}

// MigrateFS is Migrate with the migrations (golang-migrate's NNN_name.up.sql and
// .down.sql) at the root of fsys.
func MigrateFS(ctx context.Context, url string, fsys fs.FS, log zerolog.Logger) error {
	known, err := lastOf(fsys)
	if err != nil {
		return err
	}
	return migrateTo(ctx, url, fsys, known, log)
}

// migrateTo migrates up to version, which refuses a database that is past it.
func migrateTo(ctx context.Context, url string, fsys fs.FS, version uint, log zerolog.Logger) (err error) {
	cfg, err := poolConfig(url, Options{ApplicationName: "task-tracker-migrate"})
	if err != nil {
		return err
	}
	src, err := iofs.New(fsys, ".")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	release, err := lock(ctx, cfg.ConnConfig, log)
	if err != nil {
		return errors.Join(fmt.Errorf("wait for the right to migrate: %w", err), src.Close())
	}
	defer func() { err = errors.Join(err, release()) }()

	db := stdlib.OpenDB(*cfg.ConnConfig)
	target, err := driver.WithInstance(db, &driver.Config{})
	if err != nil {
		return errors.Join(fmt.Errorf("open the table of migrations: %w", err), src.Close(), db.Close())
	}
	m, err := migrate.NewWithInstance("iofs", src, "pgx5", target)
	if err != nil {
		return errors.Join(fmt.Errorf("prepare migrations: %w", err), src.Close(), target.Close())
	}
	defer func() {
		sourceErr, targetErr := m.Close()
		err = errors.Join(err, sourceErr, targetErr)
	}()
	return up(ctx, m, version, log)
}

// up migrates from whatever version the database is at to known.
func up(ctx context.Context, m *migrate.Migrate, known uint, log zerolog.Logger) error {
	at, dirty, err := m.Version()
	if err != nil && !errors.Is(err, migrate.ErrNilVersion) {
		return fmt.Errorf("read the version of the database: %w", err)
	}
	if err := usable(at, dirty, known); err != nil || at == known {
		return err
	}
	log.Info().Uint("from", at).Uint("to", known).Msg("migrating the database")
	began := time.Now()
	stop := context.AfterFunc(ctx, func() {
		select {
		case m.GracefulStop <- true: // after the migration that is running
		default:
		}
	})
	defer stop()
	if err := m.Migrate(known); err != nil && !errors.Is(err, migrate.ErrNoChange) {
		return fmt.Errorf("migrate the database from version %d to %d: %w", at, known, err)
	}
	if at, _, err = m.Version(); err != nil || at != known {
		return errors.Join(fmt.Errorf("migrating the database stopped at version %d of %d", at, known), err, context.Cause(ctx))
	}
	log.Info().Uint("version", known).Dur("took", time.Since(began)).Msg("the database is migrated")
	return nil
}

// lastVersion is the highest version that src has.
func lastVersion(src source.Driver) (uint, error) {
	version, err := src.First()
	if err != nil {
		return 0, fmt.Errorf("find the first migration: %w", err)
	}
	for {
		next, err := src.Next(version)
		if errors.Is(err, fs.ErrNotExist) {
			return version, nil
		}
		if err != nil {
			return 0, fmt.Errorf("find the migration after %d: %w", version, err)
		}
		version = next
	}
}

// lock waits until we are the only process that migrates. The lock belongs to
// its connection and ends with it, whatever becomes of us.
func lock(ctx context.Context, cfg *pgx.ConnConfig, log zerolog.Logger) (release func() error, err error) {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	var taken bool
	if err = conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, migrationLock).Scan(&taken); err == nil && !taken {
		log.Info().Msg("another process is migrating the database, waiting for it")
		_, err = conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, migrationLock)
	}
	closeConn := func() error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer cancel()
		return conn.Close(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, closeConn())
	}
	return closeConn, nil
}
