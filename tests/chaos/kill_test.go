package chaos

import (
	"math/rand/v2"
	"testing"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// Copies of every service are killed (kill -9) at random moments, also while they start,
// and started again.
func TestAnyServiceIsKilled(t *testing.T) {
	t.Parallel()
	killService(t, 12, Ingest, Worker, Gateway, API)
}

// Each service by itself is killed twenty times.
func TestAServiceIsKilledTwentyTimes(t *testing.T) {
	long(t)
	for _, name := range []string{Ingest, Worker, Gateway, API} {
		t.Run(name, func(t *testing.T) { killService(t, 20, name) })
	}
}

func TestAnyServiceIsKilledTwentyTimes(t *testing.T) {
	long(t)
	killService(t, 20, Ingest, Worker, Gateway, API)
}

func killService(t *testing.T, times int, names ...string) {
	database := postgrestest.URL(t)
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond / 2)
	kill(t, moments(t), times, l.All(names...))
	l.AwaitReady()
	load.AwaitAccepted(perSecond / 2)
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}

// Every process dies at once, NATS too, as where a machine is reset; services come back
// before the broker does.
func TestEveryProcessIsKilledAtOnce(t *testing.T) {
	t.Parallel()
	killEverything(t, 1)
}

func TestEveryProcessIsKilledAtOnceFiveTimes(t *testing.T) {
	long(t)
	killEverything(t, 5)
}

func killEverything(t *testing.T, times int) {
	database := postgrestest.URL(t)
	nats := line.StartNATS(t)
	l := StartLine(t, Config{NATSURL: nats.URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	random := moments(t)
	for range times {
		load.AwaitAccepted(perSecond / 2)
		anyMoment(t, random, 1)
		everything := l.All()
		random.Shuffle(len(everything), func(i, j int) { everything[i], everything[j] = everything[j], everything[i] })
		for _, c := range everything {
			c.Kill()
		}
		nats.Stop(sigkill)
		for _, c := range everything {
			c.Start() // the broker is still away
		}
		nats.Restart()
		l.AwaitReady()
	}
	load.AwaitAccepted(perSecond / 2)
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}

// kill kills one of the copies at a time, and starts it again at once.
func kill(t *testing.T, random *rand.Rand, times int, copies []*Copy) {
	t.Helper()
	for range times {
		anyMoment(t, random, 2)
		c := copies[random.IntN(len(copies))]
		c.Kill()
		c.Start()
	}
}

func TestStandaloneIsKilled(t *testing.T) {
	t.Parallel()
	killStandalone(t, 3)
}

func TestStandaloneIsKilledTwentyTimes(t *testing.T) {
	long(t)
	killStandalone(t, 20)
}

func killStandalone(t *testing.T, times int) {
	base, one := StartStandalone(t, line.DataDir(t), nil)
	client := StartClient(t, base)
	load := StartLoad(t, base)
	load.AwaitAccepted(perSecond / 2)
	random := moments(t)
	for i := range times {
		anyMoment(t, random, 3)
		one.Kill()
		one.Start()
		if i%2 == 0 { // every other time it may be killed while it starts
			one.AwaitReady()
			load.AwaitAccepted(perSecond / 4)
		}
	}
	one.AwaitReady()
	load.AwaitAccepted(perSecond / 2)
	Verify(t, load.Stop(), base, "", client)
	t.Log(load, client)
}
