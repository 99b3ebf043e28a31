package chaos

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Every update is sent three times at once, twice to one ingest and once to the other,
// while the other services are killed: it is stored once, and seen once.
func TestTheSameUpdateThreeTimesAtOnce(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	one, other := l.Services[Ingest][0].Process().Base(), l.Services[Ingest][1].Process().Base()
	load := StartLoad(t, one, other, one)
	load.AwaitAccepted(perSecond)
	kill(t, moments(t), 3, l.All(Worker, Gateway, API))
	l.AwaitReady()
	load.AwaitAccepted(perSecond)
	Verify(t, load.Stop(), l.Base, database, client)
}
