package postgres

import "errors"

var (
	// ErrNewerSchema is returned by Migrate, SchemaVersion and AwaitSchema when the database has migrations that
	// this program does not know: a newer release has been here. An older program
	// could damage what it does not understand.
	ErrNewerSchema = errors.New("the database is newer than this program")

	// ErrDirty is returned by Migrate when an earlier migration, or a restore, stopped
	// half way and a person has to look.
	ErrDirty = errors.New("a migration or a restore of the database stopped half way")
)
