package chaos

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Without a fault everything is there once, in order: what Verify counts is countable.
func TestNothingIsLostWithoutAFault(t *testing.T) {
	long(t)
	database := postgrestest.URL(t)
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(3 * perSecond)
	Verify(t, load.Stop(), l.Base, database, client)
}
