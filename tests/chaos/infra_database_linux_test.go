package chaos

import (
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

// PostgreSQL is killed twice, and started again: at once, and a while later.
func TestPostgresIsKilled(t *testing.T) {
	t.Parallel()
	postgres := StartPostgres(t, line.DataDir(t))
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: postgres.URL})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond)
	fault(t, l, func() {
		for i := range 2 {
			postgres.Kill()
			if i == 1 {
				awaitUnready(t, l.All(Worker, API)...)
				stillReady(t, l.All(Ingest, Gateway)...)
				load.AwaitAccepted(perSecond)
			}
			postgres.Start()
			l.AwaitReady()
			load.AwaitAccepted(perSecond / 2)
		}
	})
	Verify(t, load.Stop(), l.Base, postgres.URL, client)
	t.Log(load, client)
}

// PostgreSQL is shut down, and started again 20 s later.
func TestPostgresIsShutDownForAWhile(t *testing.T) {
	long(t)
	awayForAWhile(t, (*Postgres).Shutdown, (*Postgres).Start)
}

// PostgreSQL stands still for 20 s: it takes connections, and says nothing.
func TestPostgresStandsStillForAWhile(t *testing.T) {
	long(t)
	awayForAWhile(t, (*Postgres).Pause, (*Postgres).Resume)
}

func awayForAWhile(t *testing.T, goes, returns func(*Postgres)) {
	postgres := StartPostgres(t, line.DataDir(t))
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: postgres.URL})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(2 * perSecond)
	fault(t, l, func() {
		began, repeated := time.Now(), load.Repeated()
		goes(postgres)
		awaitUnready(t, l.All(Worker, API)...)
		stillReady(t, l.All(Ingest, Gateway)...)
		lasts(t, began, outage)
		awaitUnready(t, l.All(Worker, API)...)
		if n := load.Repeated() - repeated; n > 0 {
			t.Errorf("%d messages were not accepted while the database was away; ingest does not need it", n)
		}
		returns(postgres)
		l.AwaitReady()
		load.AwaitAccepted(perSecond)
	})
	Verify(t, load.Stop(), l.Base, postgres.URL, client)
	t.Log(load, client)
}
