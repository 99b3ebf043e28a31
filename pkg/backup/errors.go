package backup

import "errors"

var (
	// ErrNotBackup is returned for a file that does not begin as a backup does.
	ErrNotBackup = errors.New("this is not a backup of Task Tracker")

	// ErrDamaged is returned for a backup that was cut or changed. Nothing of it may
	// be used.
	ErrDamaged = errors.New("the backup is damaged")

	// ErrNewerBackup is returned for a backup whose format or schema this program does
	// not know.
	ErrNewerBackup = errors.New("the backup was made by a newer release than this")

	// ErrNotEmpty is returned by Restore when there is something to lose at the place.
	ErrNotEmpty = errors.New("there are data already")

	// ErrInUse is returned by Restore while services work with the database.
	ErrInUse = errors.New("the database is in use")

	// ErrNothing is returned by Write when the database was never migrated.
	ErrNothing = errors.New("there is nothing to back up")
)
