package chaos

import (
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// wire is the network between all copies of a service and one thing that they need.
type wire struct {
	service, to string
	proxy       *Proxy
}

// network is a line with a proxy in each of these wires.
type network struct {
	*Line
	wires    []wire
	database string
}

func startNetwork(t *testing.T) network {
	t.Helper()
	n := network{database: postgrestest.URL(t)}
	cfg := Config{NATSURL: line.StartNATS(t).URL, DatabaseURL: n.database, Of: map[string]map[string]string{}}
	for _, w := range []struct{ service, setting, to string }{
		{Ingest, "NATS_URL", cfg.NATSURL},
		{Worker, "NATS_URL", cfg.NATSURL},
		{Worker, "DATABASE_URL", cfg.DatabaseURL},
		{Gateway, "NATS_URL", cfg.NATSURL},
		{API, "NATS_URL", cfg.NATSURL},
		{API, "DATABASE_URL", cfg.DatabaseURL},
	} {
		proxy, address := ProxyURL(t, w.to)
		if cfg.Of[w.service] == nil {
			cfg.Of[w.service] = map[string]string{}
		}
		cfg.Of[w.service][w.setting] = address
		n.wires = append(n.wires, wire{w.service, w.setting, proxy})
	}
	n.Line = StartLine(t, cfg)
	return n
}

// through fails where a wire carries nothing: the fault would be none.
func (n network) through(t *testing.T) {
	t.Helper()
	for _, w := range n.wires {
		if w.proxy.Carried() == 0 {
			t.Errorf("nothing went from %s to its %s through the proxy", w.service, w.to)
		}
	}
}

// others are the copies of every service but one.
func (n network) others(name string) []*Copy {
	var others []*Copy
	for _, service := range []string{Ingest, Worker, Gateway, API} {
		if service != name {
			others = append(others, n.All(service)...)
		}
	}
	return others
}

// breakEach breaks each wire in turn, until its service says so, and heals it.
func (n network) breakEach(t *testing.T, load *Load, breaks func(*Proxy)) {
	t.Helper()
	for _, w := range n.wires {
		t.Logf("%s: %s from %s", time.Now().Format(time.TimeOnly), w.to, w.service)
		load.AwaitAccepted(perSecond / 4)
		breaks(w.proxy)
		awaitUnready(t, n.All(w.service)...)
		stillReady(t, n.others(w.service)...)
		if w.service == Ingest {
			refusedWith503(t, n.Line)
			load.AwaitRepeated(20)
		} else {
			load.AwaitAccepted(perSecond) // nobody else minds
		}
		w.proxy.Heal()
		n.AwaitReady()
	}
	load.AwaitAccepted(perSecond / 2)
}

// The network is cut at each of its wires in turn.
func TestTheNetworkIsCut(t *testing.T) {
	t.Parallel()
	n := startNetwork(t)
	client := StartClient(t, n.Base)
	load := StartLoad(t, n.Base)
	load.AwaitAccepted(perSecond / 2)
	n.through(t)
	fault(t, n.Line, func() { n.breakEach(t, load, (*Proxy).Cut) })
	Verify(t, load.Stop(), n.Base, n.database, client)
	t.Log(load, client)
}

// Each wire in turn carries nothing any more, and says nothing: no side learns that the
// other is gone, and what connections there were stay dead when new ones come through.
func TestTheNetworkIsHalfOpen(t *testing.T) {
	long(t)
	n := startNetwork(t)
	client := StartClient(t, n.Base)
	load := StartLoad(t, n.Base)
	load.AwaitAccepted(perSecond / 2)
	n.through(t)
	fault(t, n.Line, func() { n.breakEach(t, load, (*Proxy).HalfOpen) })
	for _, w := range n.wires {
		if w.proxy.Lost() == 0 {
			t.Errorf("nothing was lost between %s and its %s", w.service, w.to)
		}
	}
	Verify(t, load.Stop(), n.Base, n.database, client)
	t.Log(load, client)
}

// Each wire in turn takes a quarter of a second in each direction, and carries 32 KiB/s
// of a connection: less than what flows.
func TestTheNetworkIsSlow(t *testing.T) {
	long(t)
	n := startNetwork(t)
	client := StartClient(t, n.Base)
	load := StartLoad(t, n.Base)
	load.AwaitAccepted(perSecond / 2)
	n.through(t)
	fault(t, n.Line, func() {
		for _, w := range n.wires {
			t.Logf("%s: %s from %s", time.Now().Format(time.TimeOnly), w.to, w.service)
			began := time.Now()
			w.proxy.Slow(250*time.Millisecond, 32<<10)
			load.AwaitAccepted(perSecond)
			lasts(t, began, outage)
			w.proxy.Heal()
			n.AwaitReady()
			load.AwaitAccepted(perSecond / 2)
		}
	})
	Verify(t, load.Stop(), n.Base, n.database, client)
	t.Log(load, client)
}
