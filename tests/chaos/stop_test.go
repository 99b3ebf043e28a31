package chaos

import (
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// stopGrace is what docker and Kubernetes are told to give a service between SIGTERM and
// kill -9 (docs/operating.md); stopping takes less by promise.
const stopGrace = 15 * time.Second

// stopAsOrchestrator sends SIGTERM, and kill -9 to what is still there after the grace,
// which the exit code shows.
func stopAsOrchestrator(t *testing.T, c *Copy) {
	t.Helper()
	p := c.Process()
	kill := time.AfterFunc(stopGrace, func() { _ = p.Cmd.Process.Signal(syscall.SIGKILL) })
	defer kill.Stop()
	if code := c.Stop(); code != 0 {
		t.Errorf("%s exited with %d on SIGTERM under load; -1 means that it had to be killed", p.Name, code)
	}
}

// Every copy of every service is stopped and started again in turn, as at an upgrade.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	for _, c := range l.All() {
		load.AwaitAccepted(perSecond / 4)
		stopAsOrchestrator(t, c)
		c.Start()
		c.AwaitReady()
	}
	load.AwaitAccepted(perSecond / 2)
	Verify(t, load.Stop(), l.Base, database, client)
	if client.Resyncs() > 0 {
		t.Errorf("the client was told to reload %d times; a gateway that starts can replay from the stream", client.Resyncs())
	}
	t.Log(load, client)
}

// All copies of a service stop at once, and come back after a while.
func TestAServiceIsAwayForAWhile(t *testing.T) {
	long(t)
	database := postgrestest.URL(t)
	l := StartLine(t, Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	for _, name := range []string{Worker, Gateway, API, Ingest} {
		load.AwaitAccepted(perSecond / 2)
		for _, c := range l.All(name) {
			stopAsOrchestrator(t, c)
		}
		if name == Ingest {
			load.AwaitRepeated(chats)
		} else {
			load.AwaitAccepted(perSecond) // nobody else minds
		}
		for _, c := range l.All(name) {
			c.Start()
		}
		l.AwaitReady()
	}
	load.AwaitAccepted(perSecond / 2)
	Verify(t, load.Stop(), l.Base, database, client)
	if client.Resyncs() > 0 {
		t.Errorf("the client was told to reload %d times; what it missed was kept", client.Resyncs())
	}
}

// Standalone is stopped and started again, with its own PostgreSQL and NATS.
func TestStandaloneIsStoppedUnderLoad(t *testing.T) {
	t.Parallel()
	stopStandalone(t, 1)
}

func TestStandaloneIsStoppedUnderLoadFiveTimes(t *testing.T) {
	long(t)
	stopStandalone(t, 5)
}

func stopStandalone(t *testing.T, times int) {
	base, one := StartStandalone(t, line.DataDir(t), nil)
	client := StartClient(t, base)
	load := StartLoad(t, base)
	for range times {
		load.AwaitAccepted(perSecond)
		stopAsOrchestrator(t, one)
		one.Start()
		one.AwaitReady()
	}
	load.AwaitAccepted(perSecond)
	Verify(t, load.Stop(), base, "", client)
}
