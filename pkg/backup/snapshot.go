package backup

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tasktracker/tasktracker/pkg/postgres"
)

// closeTimeout bounds what is still done when the context has ended.
const closeTimeout = 5 * time.Second

// plainSession makes values read as they were written, whatever the server is set to,
// and lets a statement take as long as a big table takes.
const plainSession = `SET client_encoding = 'UTF8'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';
SET timezone = 'UTC'; SET extra_float_digits = 1; SET bytea_output = 'hex'; SET statement_timeout = 0;
SET idle_in_transaction_session_timeout = 0`

func connect(ctx context.Context, url string) (*pgx.Conn, error) {
	pool, err := postgres.Connect(ctx, url, postgres.Options{ApplicationName: applicationName, MaxConns: 1})
	if err != nil {
		return nil, err
	}
	pooled, err := pool.Acquire(ctx)
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	conn := pooled.Hijack()
	pool.Close()
	if _, err := conn.Exec(ctx, plainSession, pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the connection: %w", err), disconnect(ctx, conn))
	}
	return conn, nil
}

func disconnect(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	return conn.Close(ctx)
}

// snapshot is the database at one moment.
type snapshot struct {
	conn *pgx.Conn
	tx   pgx.Tx
}

func openSnapshot(ctx context.Context, conn *pgx.Conn) (*snapshot, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin a snapshot of the database: %w", err)
	}
	return &snapshot{conn: conn, tx: tx}, nil
}

// end gives the snapshot up, and with it what it keeps the server from cleaning away.
func (s *snapshot) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	return s.tx.Rollback(ctx)
}

// write writes schema and rows, and counts the rows into contents.
func (s *snapshot) write(ctx context.Context, a *archiveWriter, contents *Contents, progress Progress) error {
	known, err := readSchema(ctx, s.tx)
	if err != nil {
		return err
	}
	if err := a.json(entrySchema, known); err != nil {
		return err
	}
	for _, t := range known.Tables {
		out := a.parts(dirTables+t.Name, "copy")
		var read int64
		counting := writerFunc(func(b []byte) (int, error) {
			read += int64(len(b))
			progress.tell("table "+t.Name+", bytes", read)
			return out.Write(b)
		})
		tag, err := s.conn.PgConn().CopyTo(ctx, counting, fmt.Sprintf("COPY (SELECT %s FROM ONLY %s) TO STDOUT", t.columns(), quote(t.Name)))
		if err == nil {
			err = out.flush()
		}
		if err != nil {
			return fmt.Errorf("copy table %s: %w", t.Name, err)
		}
		contents.Rows[t.Name] = tag.RowsAffected()
	}
	return nil
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
