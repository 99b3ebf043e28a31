package worker

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/store"
)

// ofTheDatabase tells the classes of SQLSTATE (PostgreSQL, appendix A) that say
// something about the database or about what else happens in it, and nothing about the
// values that were given: the same will work once that is over.
func ofTheDatabase(class string) bool {
	switch class {
	case "08", // connection
		"25", // transaction state, such as read-only after a failover
		"28", // refused to let us in
		"3D", // database is gone
		"40", // serialisation, deadlock
		"42", // a table or column that is not there (yet), a right that is missing
		"53", // out of disk, memory or connections
		"55", // lock not available
		"57", // stopping, starting, cancelled
		"58": // I/O
		return true
	}
	return false
}

// storeFault turns an error of the store into what the consumers understand: a Hold
// where the database is at fault, itself where the message is.
func storeFault(err error) error {
	if err == nil || errors.Is(err, store.ErrInvalid) {
		return err
	}
	if refusal, ok := errors.AsType[*pgconn.PgError](err); ok {
		if len(refusal.Code) == 5 && ofTheDatabase(refusal.Code[:2]) {
			return bus.Hold(err, 0)
		}
		return err
	}
	_, isConnect := errors.AsType[*pgconn.ConnectError](err)
	_, isNet := errors.AsType[net.Error](err)
	if isConnect || isNet || pgconn.SafeToRetry(err) || pgconn.Timeout(err) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, puddle.ErrClosedPool) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return bus.Hold(err, 0)
	}
	return err
}
