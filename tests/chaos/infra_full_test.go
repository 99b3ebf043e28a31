package chaos

import (
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// No worker is there, and INBOUND reaches its limit: what is more is refused, nothing that
// was accepted is lost, and all goes on when the workers are back.
func TestInboundIsFull(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	l := StartLine(t, Config{
		NATSURL: line.StartNATS(t).URL, DatabaseURL: database,
		Env: map[string]string{"INBOUND_MAX_BYTES": "1048576"},
	})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	for range 2 {
		load.AwaitAccepted(perSecond / 2)
		for _, w := range l.All(Worker) {
			stopAsOrchestrator(t, w)
		}
		load.AwaitRepeated(50)
		refusedWith503(t, l)
		stillReady(t, l.All(Ingest, Gateway, API)...) // full is said, by ingest itself
		fault(t, l, func() { load.AwaitRepeated(50) })
		for _, w := range l.All(Worker) {
			w.Start()
		}
		l.AwaitReady()
		load.AwaitAccepted(perSecond)
	}
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}
