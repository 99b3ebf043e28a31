package backup

import (
	"time"
)

// format is the version of the file's layout.
const format = 1

// Manifest is what a backup says of itself at its beginning.
type Manifest struct {
	Format  int       `json:"format"`
	Created time.Time `json:"created"`
	// SchemaVersion is the number of the last migration that the database had.
	SchemaVersion uint `json:"schema_version"`
	// PostgreSQL is the version of the server that it was read from.
	PostgreSQL string `json:"postgresql"`
	// EventsSequence is the last sequence of EVENTS, which pages remember.
	EventsSequence uint64 `json:"events_sequence"`
}

// Contents is how much is in a backup.
type Contents struct {
	// Rows by table, and messages by stream.
	Rows     map[string]int64 `json:"rows"`
	Messages map[string]int64 `json:"messages"`
}

// Total is the number of all rows, and of all messages of streams.
func (c Contents) Total() (rows, messages int64) {
	for _, n := range c.Rows {
		rows += n
	}
	for _, n := range c.Messages {
		messages += n
	}
	return rows, messages
}

// schema is what has to be known to load rows.
type schema struct {
	Tables    []table    `json:"tables"`
	Sequences []sequence `json:"sequences"`
}

type table struct {
	Name string `json:"name"`
	// Columns are those that COPY writes and reads: not the generated ones.
	Columns []string `json:"columns"`
	// Create makes the table where no migration does: those of the earlier system.
	Create []string `json:"create"`
	// Keys adds its foreign keys, once all tables are there.
	Keys []string `json:"keys,omitempty"`
}

type sequence struct {
	Name string `json:"name"`
	// Create makes it where neither a migration nor an identity column does; "" for
	// that of an identity column.
	Create string `json:"create,omitempty"`
	Last   int64  `json:"last"`
	Called bool   `json:"called"`
}

// Progress is called now and then with what is being read or written, and how much of
// it is done. It must not block.
type Progress func(what string, done int64)

func (p Progress) tell(what string, done int64) {
	if p != nil {
		p(what, done)
	}
}
