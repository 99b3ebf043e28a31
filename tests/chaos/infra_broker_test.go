package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/pkg/bus"
	"github.com/tasktracker/tasktracker/pkg/postgres/postgrestest"
	"github.com/tasktracker/tasktracker/tests/line"
)

// NATS, which syncs every write, is killed, and started again a while later.
func TestNATSIsKilled(t *testing.T) {
	t.Parallel()
	killNATS(t, 1)
}

func TestNATSIsKilledFiveTimes(t *testing.T) {
	long(t)
	killNATS(t, 5)
}

// killNATS starts the server again at once every other time.
func killNATS(t *testing.T, times int) {
	database := postgrestest.URL(t)
	server := line.StartNATS(t, "-c", syncAlways(t))
	l := StartLine(t, Config{NATSURL: server.URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond)
	fault(t, l, func() {
		for i := range times {
			server.Stop(syscall.SIGKILL)
			if i%2 == 0 {
				awaitUnready(t, l.All()...)
				refusedWith503(t, l)
				load.AwaitRepeated(20)
			}
			server.Restart()
			l.AwaitReady()
			load.AwaitAccepted(perSecond / 2)
		}
	})
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}

// NATS stands still for 20 s (SIGSTOP), and is then shut down for as long.
func TestNATSIsAwayForAWhile(t *testing.T) {
	long(t)
	database := postgrestest.URL(t)
	server := line.StartNATS(t, "-c", syncAlways(t))
	l := StartLine(t, Config{NATSURL: server.URL, DatabaseURL: database})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond)
	fault(t, l, func() {
		began := time.Now()
		pid := server.Process().Cmd.Process.Pid
		_ = syscall.Kill(pid, syscall.SIGSTOP)
		t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGCONT) })
		awaitUnready(t, l.All()...)
		refusedWith503(t, l)
		lasts(t, began, outage)
		_ = syscall.Kill(pid, syscall.SIGCONT)
		l.AwaitReady()
		load.AwaitAccepted(perSecond)
		began = time.Now()
		server.Stop(syscall.SIGTERM)
		awaitUnready(t, l.All()...)
		refusedWith503(t, l)
		lasts(t, began, outage)
		server.Restart()
		l.AwaitReady()
		load.AwaitAccepted(perSecond)
	})
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}

// syncAlways is a configuration file with which the server syncs each write before the
// ack, as standalone's does. It may believe in more disk than there is: the streams are
// made for more than a test's own small one has.
func syncAlways(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(file, []byte("jetstream { sync_interval: always, max_file_store: 16GB }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// In a cluster of three, with three replicas of each stream, the server that leads
// INBOUND is killed, then the one that leads EVENTS; each comes back.
func TestTheLeaderOfAClusterIsKilled(t *testing.T) {
	t.Parallel()
	killLeaders(t, bus.StreamInbound, bus.StreamEvents)
}

func TestLeadersOfAClusterAreKilledFiveTimes(t *testing.T) {
	long(t)
	random := moments(t)
	var streams []string
	for range 5 {
		all := []string{bus.StreamInbound, bus.StreamEvents, bus.StreamJobs, "KV_" + bus.BucketSettings}
		streams = append(streams, all[random.IntN(len(all))])
	}
	killLeaders(t, streams...)
}

func killLeaders(t *testing.T, streams ...string) {
	database := postgrestest.URL(t)
	servers := startCluster(t)
	var urls []string
	for _, s := range servers {
		urls = append(urls, s.URL)
	}
	l := StartLine(t, Config{NATSURL: strings.Join(urls, ","), DatabaseURL: database, Env: map[string]string{"NATS_REPLICAS": "3", "NATS_SYNC": "interval"}})
	client := StartClient(t, l.Base)
	load := StartLoad(t, l.Base)
	load.AwaitAccepted(perSecond / 2)
	fault(t, l, func() {
		for _, stream := range streams {
			name := leaderOf(t, urls, stream)
			server := servers[name]
			server.Stop(syscall.SIGKILL)
			load.AwaitAccepted(perSecond) // with two of three all goes on
			l.AwaitReady()
			server.Restart()
			awaitReplicas(t, urls, streams)
			load.AwaitAccepted(perSecond / 2)
		}
	})
	Verify(t, load.Stop(), l.Base, database, client)
	t.Log(load, client)
}

// startCluster starts three servers that know each other, by name. They do not sync each
// write: what two of them have outlives one.
func startCluster(t *testing.T) map[string]*line.NATS {
	t.Helper()
	var routes []string
	for range 3 {
		routes = append(routes, "nats://127.0.0.1:"+line.FreePort(t))
	}
	servers := map[string]*line.NATS{}
	for i := range routes {
		name := fmt.Sprintf("n%d", i+1)
		servers[name] = line.StartNATS(t, "-n", name, "-cluster_name", "chaos",
			"-cluster", routes[i], "-routes", strings.Join(routes, ","))
	}
	t.Cleanup(func() {
		if t.Failed() {
			for name, s := range servers {
				t.Logf("log of %s:\n%s", name, s.Log())
			}
		}
	})
	return servers
}

// leaderOf is the name of the server that leads a stream.
func leaderOf(t *testing.T, urls []string, stream string) string {
	t.Helper()
	js := connectJetStream(t, strings.Join(urls, ","))
	name := ""
	line.Eventually(t, func() bool {
		s, err := js.Stream(t.Context(), stream)
		if err != nil || s.CachedInfo().Cluster == nil {
			return false
		}
		name = s.CachedInfo().Cluster.Leader
		return name != ""
	}, func() string { return stream + " has no leader" })
	return name
}

// awaitReplicas waits until every replica of the streams has caught up: a second server
// may go then.
func awaitReplicas(t *testing.T, urls []string, streams []string) {
	t.Helper()
	js := connectJetStream(t, strings.Join(urls, ","))
	for _, stream := range streams {
		state := ""
		line.Eventually(t, func() bool {
			s, err := js.Stream(t.Context(), stream)
			if err != nil {
				state = err.Error()
				return false
			}
			cluster := s.CachedInfo().Cluster
			state = fmt.Sprintf("%+v", cluster)
			if cluster == nil || cluster.Leader == "" || len(cluster.Replicas) != 2 {
				return false
			}
			for _, r := range cluster.Replicas {
				state = fmt.Sprintf("%s: %+v", cluster.Leader, *r)
				if !r.Current || r.Offline {
					return false
				}
			}
			return true
		}, func() string { return stream + " does not get its replicas back: " + state })
	}
}
