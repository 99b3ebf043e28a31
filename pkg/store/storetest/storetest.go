// Package storetest fills databases for tests and benchmarks.
package storetest

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

//go:embed million.sql
var million string

// Newest is when the last message of LoadMillion was sent.
var Newest = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

// LoadMillion fills an empty migrated database with 1,000,000 messages and 200,000
// tasks, the same ones each time but for their chats, and vacuums it: half a minute.
// million.sql says what they are like.
func LoadMillion(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("load 1,000,000 messages: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, million, pgx.QueryExecModeSimpleProtocol); err != nil {
		return fmt.Errorf("load 1,000,000 messages: %w", err)
	}
	for _, table := range []string{"messages", "tasks", "task_messages", "author_names", "authors", "chats", "sources"} {
		if _, err := conn.Exec(ctx, "VACUUM ANALYZE "+table); err != nil {
			return fmt.Errorf("vacuum %s: %w", table, err)
		}
	}
	return nil
}
