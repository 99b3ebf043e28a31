package embeddedpostgres

import "errors"

var (
	// ErrInUse is returned by Start and Remove when another program, or another
	// server of this one, holds the data directory.
	ErrInUse = errors.New("data directory is in use")

	// ErrNoBinaries is returned by FindBinaries and Start when the npm package
	// with PostgreSQL's binaries is not installed.
	ErrNoBinaries = errors.New("PostgreSQL's binaries were not found")

	// ErrInaccessible is returned by Start when the place recorded for the data
	// is missing, or cannot be used by the account that has to use it.
	ErrInaccessible = errors.New("PostgreSQL's data cannot be reached")

	// ErrVersion is returned by Start when the data were written by another major
	// version of PostgreSQL than that of the binaries.
	ErrVersion = errors.New("PostgreSQL's data are of another major version")

	// ErrFailing is what Err reports when the server died too often in a row.
	ErrFailing = errors.New("PostgreSQL keeps failing")

	// ErrUnsupported is returned where the platform has no binaries or cannot run
	// them under our supervision.
	ErrUnsupported = errors.New("embedded PostgreSQL is not supported on this platform; set DATABASE_URL to a server of your own")
)
