// Package store keeps everything Task Tracker knows in PostgreSQL: messages and
// their edits, tasks and their history, chats, authors, settings, and the outbox.
//
// # What it promises
//
//   - SaveMessages applies the versions of a message in version order, whatever the
//     order in which they arrive and however many processes store at once: the newest
//     one wins, an older one never does, and one that changes nothing visible is not
//     announced (see Saved.Emit).
//   - Whatever else changes something that clients see does so in one transaction
//     with a row of the outbox (see ClaimOutbox), so that no event is lost between
//     the commit and the bus.
//   - Statistics are counted by the database. Lists are paged by keyset, newest first.
//
// # What it does not promise
//
// Events leave the outbox at least once and nearly in order; each carries an id by
// which the bus drops repeats.
//
// The SQL lies in queries/*.sql and is typed by sqlc into internal/db (see sqlc.yaml).
package store
