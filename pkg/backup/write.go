package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/postgres"
)

// applicationName is what the database's lists call us.
const applicationName = "task-tracker-backup"

// Place is where a system keeps what it knows.
type Place struct {
	DatabaseURL string
	Bus         *bus.Bus
	// Streams says how Restore makes the streams.
	Streams bus.Config
	Log     zerolog.Logger
}

// Write writes a backup of a place that may be at work, and returns how much is in it.
// It changes nothing there. The memory it takes does not grow with what is there: some
// tens of MiB. Until it returns the database keeps old versions of rows that change, as
// for any long query. Errors are ErrNothing, those of postgres.CheckSchema, or of
// reading and writing.
func Write(ctx context.Context, out io.Writer, from Place, progress Progress) (contents Contents, err error) {
	contents = Contents{Rows: map[string]int64{}, Messages: map[string]int64{}}
	conn, err := connect(ctx, from.DatabaseURL)
	if err != nil {
		return contents, err
	}
	defer func() { err = errors.Join(err, disconnect(ctx, conn)) }()
	manifest, err := describe(ctx, conn, from)
	if err != nil {
		return contents, err
	}
	a, err := newArchiveWriter(out, manifest.Created)
	if err != nil {
		return contents, err
	}
	if err := a.json(entryManifest, manifest); err != nil {
		return contents, err
	}
	// The streams first: see the package doc.
	if err := writeStreams(ctx, from.Bus.JetStream(), a, &contents, progress); err != nil {
		return contents, err
	}
	if err := writeDatabase(ctx, conn, a, manifest.SchemaVersion, &contents, progress); err != nil {
		return contents, err
	}
	if err := a.json(entryContents, contents); err != nil {
		return contents, err
	}
	return contents, a.close()
}

func writeDatabase(ctx context.Context, conn *pgx.Conn, a *archiveWriter, version uint, contents *Contents, progress Progress) (err error) {
	s, err := openSnapshot(ctx, conn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.end(ctx)) }()
	now, err := postgres.SchemaVersion(ctx, conn)
	if err != nil {
		return err
	}
	if now != version {
		return fmt.Errorf("the database was migrated from version %d to %d while the backup ran: run it again", version, now)
	}
	return s.write(ctx, a, contents, progress)
}

func describe(ctx context.Context, conn *pgx.Conn, from Place) (Manifest, error) {
	m := Manifest{Format: format, Created: time.Now().UTC()}
	var err error
	if m.SchemaVersion, err = postgres.SchemaVersion(ctx, conn); err != nil {
		return m, fmt.Errorf("the database cannot be backed up: %w", err)
	}
	if m.SchemaVersion == 0 {
		return m, fmt.Errorf("%w: no release has migrated this database yet", ErrNothing)
	}
	if err := conn.QueryRow(ctx, `SHOW server_version`).Scan(&m.PostgreSQL); err != nil {
		return m, fmt.Errorf("read the server's version: %w", err)
	}
	if m.EventsSequence, err = lastSequence(ctx, from.Bus, bus.StreamEvents); err != nil {
		return m, err
	}
	return m, nil
}
