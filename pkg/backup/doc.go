// Package backup writes everything that Task Tracker keeps into one file, while it
// works, and makes a working system of such a file again.
//
// The file is a tar archive compressed with Zstandard (tar --zstd reads it):
//
//	manifest.json                 format, time, version of the schema
//	streams/INBOUND/000001.jsonl  what the broker has that the database may not have
//	schema.json                   tables with their columns, sequences
//	tables/messages/000001.copy   rows, in PostgreSQL's text format of COPY
//	contents.json                 how many rows and messages there are
//
// Its first and last bytes are Zstandard's skippable frames, of which the last has the
// SHA-256 of all that stands before: no cut and no changed byte stays unnoticed.
//
// # What is in it
//
// The streams are read first, without consuming, and then the database in one
// snapshot. What moves from a stream into the database meanwhile is therefore in at
// least one of both, and where it is in both, storing it once more changes nothing. So
// what was accepted before a backup began is in it, exactly once after a restore; what
// was accepted while it ran may be.
//
// The tables are those of the database's catalogue: a new migration's table is in the
// next backup without a change here.
//
// EVENTS is not in it: that is what clients were told and no record. Its sequence is, so
// that no client takes new events for ones it has seen.
package backup
