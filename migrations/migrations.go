// Package migrations holds the schema of the database as golang-migrate files.
//
// Each file runs as one transaction (the pgx driver sends it whole; what cannot be
// part of one, VACUUM, has a file to itself), and says at its head why it is there,
// which locks it takes and how long. The down of a file removes exactly what its up
// made; the tables of the earlier system, which up sets aside, are put back as they
// were.
package migrations

import "embed"

// FS holds the files NNNNNN_name.up.sql and NNNNNN_name.down.sql.
//
//go:embed *.sql
var FS embed.FS
