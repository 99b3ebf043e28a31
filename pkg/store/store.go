package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tasktracker/tasktracker/pkg/search"
	"github.com/tasktracker/tasktracker/pkg/store/internal/db"
)

// Store reads and writes the database. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
	// q runs what is fast under any plan, as statements prepared once.
	q *db.Queries
	// planned runs what has optional filters: PostgreSQL plans it anew for the
	// values at hand, see replanned.
	planned *db.Queries

	index    *search.Indexer
	sources  *cache[string, int64]
	names    *nameCache
	chats    *chatCache
	authors  *authorCache
	used     usedNames
	compared compared
}

// New returns a store on a pool whose database is migrated. The pool stays the
// caller's to close.
func New(pool *pgxpool.Pool) *Store {
	return &Store{
		pool:     pool,
		q:        db.New(pool),
		planned:  db.New(replanned{pool}),
		index:    search.NewIndexer(),
		sources:  newCache[string, int64](1000),
		names:    newNameCache(),
		chats:    newChatCache(),
		authors:  newAuthorCache(),
		compared: newCompared(),
	}
}

// inTx runs fn in one transaction, committed if fn returns nil.
func (s *Store) inTx(ctx context.Context, fn func(tx pgx.Tx, q *db.Queries) error) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		return fn(tx, s.q.WithTx(tx))
	})
	return asInvalid(err)
}

// maxDeadlocks is how often a transaction is tried that others keep from being done.
const maxDeadlocks = 5

// inTxAgain is inTx for an fn that may be run anew: it is where the database has ended its
// transaction, since two waited for each other.
func (s *Store) inTxAgain(ctx context.Context, fn func(tx pgx.Tx, q *db.Queries) error) error {
	for attempt := 1; ; attempt++ {
		err := s.inTx(ctx, fn)
		if attempt == maxDeadlocks || !isDeadlock(err) {
			return err
		}
	}
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.pool.Ping(ctx); err != nil {
		return fmt.Errorf("ping database: %w", err)
	}
	return nil
}

// vector is what a row is found by: the text of a tsvector.
func (s *Store) vector(text, title string) string {
	return search.Vector(s.index.Document(text, title))
}
