package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/postgres"
)

// Options of Restore.
type Options struct {
	// Replace has what is at the place deleted first.
	Replace  bool
	Progress Progress
}

// Verify reads a whole backup and says what is in it, or ErrNotBackup, ErrDamaged or
// ErrNewerBackup.
func Verify(file io.ReadSeeker) (Manifest, Contents, error) {
	var contents Contents
	manifest, err := inspect(file)
	if err != nil {
		return manifest, contents, err
	}
	a, err := reopen(file)
	if err != nil {
		return manifest, contents, err
	}
	defer a.close()
	for a.name != "" && a.name != entryContents {
		if err := a.next(); err != nil {
			return manifest, contents, err
		}
	}
	return manifest, contents, a.json(entryContents, &contents)
}

// inspect checks the sum and whether this program can restore the backup.
func inspect(file io.ReadSeeker) (Manifest, error) {
	var m Manifest
	if err := checkSum(file); err != nil {
		return m, err
	}
	a, err := reopen(file)
	if err != nil {
		return m, err
	}
	defer a.close()
	if err := a.json(entryManifest, &m); err != nil {
		return m, err
	}
	known, err := postgres.KnownVersion()
	if err != nil {
		return m, err
	}
	if m.Format > format || m.SchemaVersion > known {
		return m, fmt.Errorf("%w: its schema is version %d, this program knows %d. Restore it with a release that is at least as new as the one that made it", ErrNewerBackup, m.SchemaVersion, known)
	}
	if m.Format < 1 || m.SchemaVersion < 1 {
		return m, damaged(errors.New("its manifest is empty"))
	}
	return m, nil
}

func reopen(file io.ReadSeeker) (*archiveReader, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the backup: %w", err)
	}
	return openArchive(file)
}

// Restore makes a place what the backup says, brings its schema to this program's and
// returns what was restored. Before anything is changed the whole backup is verified,
// and the place has to be empty (ErrNotEmpty, unless opts.Replace) and unused (ErrInUse).
// No service may be started before it has returned. Where it fails later, and however it ends, the
// database says of itself that it is not to be used (postgres.ErrDirty), until Restore with
// Replace has succeeded.
func Restore(ctx context.Context, file io.ReadSeeker, to Place, opts Options) (loaded Contents, err error) {
	manifest, err := inspect(file)
	if err != nil {
		return loaded, err
	}
	conn, err := connect(ctx, to.DatabaseURL)
	if err != nil {
		return loaded, err
	}
	defer func() { err = errors.Join(err, disconnect(ctx, conn)) }()
	if err := checkPlace(ctx, conn, to, opts.Replace); err != nil {
		return loaded, err
	}
	if err := exec(ctx, conn, clearSQL); err != nil {
		return loaded, fmt.Errorf("empty the database: %w", err)
	}
	if err := postgres.MigrateTo(ctx, to.DatabaseURL, manifest.SchemaVersion, to.Log); err != nil {
		return loaded, err
	}
	// Until all is there nobody may take it for all there is.
	if err := exec(ctx, conn, `UPDATE schema_migrations SET dirty = true`); err != nil {
		return loaded, fmt.Errorf("mark the database as incomplete: %w", err)
	}
	if err := renewStreams(ctx, to, manifest.EventsSequence); err != nil {
		return loaded, err
	}
	if loaded, err = restoreAll(ctx, file, conn, to, opts.Progress); err != nil {
		return loaded, fmt.Errorf("the restore is incomplete, run it again with --replace: %w", err)
	}
	if err := postgres.Migrate(ctx, to.DatabaseURL, to.Log); err != nil {
		return loaded, err
	}
	// For plans as good as before; what autovacuum would do in its own time.
	var tables []string
	for name := range loaded.Rows {
		tables = append(tables, quote(name))
	}
	if err := exec(ctx, conn, `VACUUM (ANALYZE) `+strings.Join(tables, ", ")); err != nil {
		return loaded, fmt.Errorf("everything is restored, but gathering statistics failed: %w", err)
	}
	return loaded, nil
}

func restoreAll(ctx context.Context, file io.ReadSeeker, conn *pgx.Conn, to Place, progress Progress) (Contents, error) {
	loaded := Contents{Rows: map[string]int64{}, Messages: map[string]int64{}}
	a, err := reopen(file)
	if err != nil {
		return loaded, err
	}
	defer a.close()
	if err := a.next(); err != nil { // the manifest, which is known
		return loaded, err
	}
	for _, name := range readOrder {
		loaded.Messages[name] = 0
	}
	for name := a.group(dirStreams); name != ""; name = a.group(dirStreams) {
		n, err := republish(ctx, to.Bus, name, a.parts(dirStreams, name), progress)
		loaded.Messages[name] += n
		if err != nil {
			return loaded, err
		}
	}
	l := &loader{conn: conn}
	if err := a.json(entrySchema, &l.schema); err != nil {
		return loaded, err
	}
	return loaded, pgx.BeginFunc(ctx, conn, func(pgx.Tx) error {
		return l.loadAll(ctx, a, loaded, progress)
	})
}

// loadAll loads every table, and lifts the mark from the database with the last row.
func (l *loader) loadAll(ctx context.Context, a *archiveReader, loaded Contents, progress Progress) error {
	if err := exec(ctx, l.conn, `SET LOCAL maintenance_work_mem = '128MB'`); err != nil {
		return err
	}
	if err := l.prepare(ctx); err != nil {
		return err
	}
	for _, t := range l.schema.Tables {
		loaded.Rows[t.Name] = 0
	}
	for name := a.group(dirTables); name != ""; name = a.group(dirTables) {
		n, err := l.load(ctx, name, a.parts(dirTables, name))
		if err != nil {
			return err
		}
		loaded.Rows[name] += n
		progress.tell("table "+name+", rows", n)
	}
	var contents Contents
	if err := a.json(entryContents, &contents); err != nil {
		return err
	}
	if err := contents.check(loaded); err != nil {
		return err
	}
	if err := l.finish(ctx, progress); err != nil {
		return err
	}
	return exec(ctx, l.conn, `UPDATE schema_migrations SET dirty = false`)
}
