package store

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// replanned sends queries through the unnamed statement, so that PostgreSQL plans
// them for the values they come with. A prepared statement would after five runs
// get one plan for all values, which for a query with optional filters is a plan
// for none of them, and for one that was prepared when the tables were empty a plan that
// reads them whole until they are analysed. pgx still remembers the descriptions: one round
// trip.
type replanned struct{ db.DBTX }

func (r replanned) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return r.DBTX.Exec(ctx, sql, prepend(args)...)
}

func (r replanned) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return r.DBTX.Query(ctx, sql, prepend(args)...)
}

func (r replanned) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return r.DBTX.QueryRow(ctx, sql, prepend(args)...)
}

func prepend(args []any) []any {
	return append([]any{pgx.QueryExecModeCacheDescribe}, args...)
}
