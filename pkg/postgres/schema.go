package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/migrations"
)

// lookAgain is the pause of AwaitSchema between two looks.
const lookAgain = 500 * time.Millisecond

// Querier is a connection, a pool or a transaction.
type Querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// KnownVersion is the schema version of this program: that of its last migration.
func KnownVersion() (uint, error) { return lastOf(migrations.FS) }

func lastOf(fsys fs.FS) (uint, error) {
	src, err := iofs.New(fsys, ".")
	if err != nil {
		return 0, fmt.Errorf("read migrations: %w", err)
	}
	version, err := lastVersion(src)
	return version, errors.Join(err, src.Close())
}

// SchemaVersion is the version of the database: 0 where none of our migrations was
// applied. It returns ErrNewerSchema or ErrDirty where this program must not work with
// the database, in a sentence that says what to do.
func SchemaVersion(ctx context.Context, db Querier) (uint, error) {
	known, err := KnownVersion()
	if err != nil {
		return 0, err
	}
	var at uint
	var dirty bool
	err = db.QueryRow(ctx, `SELECT version, dirty FROM schema_migrations LIMIT 1`).Scan(&at, &dirty)
	switch refusal, refused := errors.AsType[*pgconn.PgError](err); {
	case errors.Is(err, pgx.ErrNoRows), refused && refusal.Code == "42P01": // no row, no such table
		return 0, nil
	case err != nil:
		return 0, fmt.Errorf("read the version of the database: %w", err)
	}
	return at, usable(at, dirty, known)
}

// usable says whether a program that knows the version known may work with a database.
func usable(at uint, dirty bool, known uint) error {
	switch {
	case dirty:
		return fmt.Errorf("%w at version %d. Run a restore that was interrupted again with --replace. Of migration %d look what is in the database, complete it or take it back by hand, then set version and dirty = false in the table schema_migrations; or restore a backup", ErrDirty, at, at)
	case at > known:
		return fmt.Errorf("%w: it is at version %d, the program knows %d. Start a release that is at least as new as the one that migrated it, or restore a backup from before", ErrNewerSchema, at, known)
	}
	return nil
}

// AwaitSchema waits until the database has this program's schema, which somebody else
// brings, or until ctx ends. ErrNewerSchema is returned at once, ErrDirty once nobody
// is seen to migrate.
func AwaitSchema(ctx context.Context, db Querier, log zerolog.Logger) error {
	known, err := KnownVersion()
	if err != nil {
		return err
	}
	var dirty bool // at the last look, and nobody was at it
	for waited := false; ; waited = true {
		at, err := SchemaVersion(ctx, db)
		if err == nil && at == known {
			return nil
		}
		wasDirty := dirty
		dirty = errors.Is(err, ErrDirty) && !migrating(ctx, db)
		if errors.Is(err, ErrNewerSchema) || dirty && wasDirty {
			return err
		}
		if !waited {
			log.Info().Err(err).Uint("version", at).Uint("wanted", known).Msg("waiting for the database to be migrated")
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the database is at version %d and not migrated to %d: start a worker of this release with MIGRATE_ON_START=true", at, known), err)
		case <-time.After(lookAgain):
		}
	}
}

// migrating reports whether a process holds the right to migrate: a database is dirty
// for as long as a migration runs. One that cannot be asked counts as migrated.
func migrating(ctx context.Context, db Querier) bool {
	var held bool
	err := db.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM pg_locks
		               WHERE locktype = 'advisory' AND granted AND classid = 0 AND objid = $1::bigint::oid AND objsubid = 1
		                 AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`, migrationLock).Scan(&held)
	return err == nil && held
}

// MigrateTo brings the database up to an earlier version than the newest that this
// program knows, as Migrate does.
func MigrateTo(ctx context.Context, url string, version uint, log zerolog.Logger) error {
	return migrateTo(ctx, url, migrations.FS, version, log)
}
