package postgres

import "errors"

var (
	// ErrNewerSchema is returned by Migrate when the database has migrations that
	// this program does not know: a newer release has been here. An older program
	// could damage what it does not understand.
	ErrNewerSchema = errors.New("the database is newer than this program")

	// ErrDirty is returned by Migrate when an earlier migration stopped half way
	// and a person has to look.
	ErrDirty = errors.New("an earlier migration of the database failed half way")
)
