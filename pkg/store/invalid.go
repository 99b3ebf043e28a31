package store

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// asInvalid marks an error that says that a value, not the database, is at fault:
// class 22 (data exceptions, such as text that is no JSON) and class 23
// (constraints), see PostgreSQL's appendix "Error Codes".
func asInvalid(err error) error {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || errors.Is(err, ErrInvalid) || len(pgErr.Code) < 2 {
		return err
	}
	if class := pgErr.Code[:2]; class == "22" || class == "23" {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return err
}

// isForeignKey tells a reference to a row that is gone.
func isForeignKey(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == "23503"
}

// isDeadlock tells a transaction that was ended since it and others waited for each other.
func isDeadlock(err error) bool {
	pgErr, ok := errors.AsType[*pgconn.PgError](err)
	return ok && pgErr.Code == "40P01"
}
