package backup

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// seededTable has rows as soon as it is made.
const seededTable = "message_counts"

// checkPlace says whether a place may be made what a backup says.
func checkPlace(ctx context.Context, conn *pgx.Conn, to Place, replace bool) error {
	if err := checkUnused(ctx, conn); err != nil || replace {
		return err
	}
	full, err := filledTable(ctx, conn)
	if err != nil {
		return err
	}
	if full != "" {
		return fmt.Errorf("%w: the database has rows in table %s. Restore into an empty one, or delete what is there with --replace", ErrNotEmpty, full)
	}
	n, err := waiting(ctx, to.Bus)
	if err != nil {
		return err
	}
	if n > 0 {
		return fmt.Errorf("%w: %d messages wait in the broker. Restore into an empty one, or delete what is there with --replace", ErrNotEmpty, n)
	}
	return nil
}

// leaving is how long the database may list one who has closed its connection: until its process
// there has ended.
const leaving = 2 * time.Second

// checkUnused looks for others at work: what they did now would be deleted, or mixed
// with what is restored.
func checkUnused(ctx context.Context, conn *pgx.Conn) error {
	for began := time.Now(); ; {
		users, err := usersOf(ctx, conn)
		if err != nil || len(users) == 0 {
			return err
		}
		if time.Since(began) >= leaving {
			return fmt.Errorf("%w by %s: stop every service first", ErrInUse, strings.Join(users, ", "))
		}
		select {
		case <-time.After(leaving / 40):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func usersOf(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	rows, err := conn.Query(ctx, `
		SELECT DISTINCT coalesce(nullif(application_name, ''), usename, 'unknown') FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY 1`)
	if err != nil {
		return nil, fmt.Errorf("look who uses the database: %w", err)
	}
	users, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look who uses the database: %w", err)
	}
	return users, nil
}

// filledTable is the name of a table that has rows, "" where there is none.
func filledTable(ctx context.Context, conn *pgx.Conn) (string, error) {
	rows, err := conn.Query(ctx, `
		SELECT relname::text FROM pg_class
		WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') AND relname <> ALL ($1) ORDER BY 1`,
		[]string{schemaTable, seededTable})
	if err != nil {
		return "", fmt.Errorf("list tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", fmt.Errorf("list tables: %w", err)
	}
	for _, t := range tables {
		var full bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+quote(t)+")").Scan(&full); err != nil {
			return "", fmt.Errorf("look into table %s: %w", t, err)
		}
		if full {
			return t, nil
		}
	}
	return "", nil
}
