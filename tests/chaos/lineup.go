package chaos

import (
	"cmp"
	"maps"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/tasktracker/tasktracker/tests/line"
)

// Config is what a Line is started on.
type Config struct {
	NATSURL, DatabaseURL string
	// Env is set for every service, and wins over what the harness sets.
	Env map[string]string
	// Of is set for one service, by name, and wins over Env: ingest through a proxy, say.
	Of map[string]map[string]string
	// Copies is how many copies of a service, by name, there are; 2 of each by default.
	Copies map[string]int
	// Binaries run instead of a service's own, by name.
	Binaries map[string]string
	// Options change the command of a service, by name.
	Options map[string]func(*exec.Cmd)
}

// Names of the services' binaries.
const (
	Ingest  = "ingest"
	Worker  = "worker"
	Gateway = "realtime-gateway"
	API     = "api"
)

// Line is all services as processes of their own, behind one address.
type Line struct {
	// Base is the address of the front: /webhook, /ws, /api.
	Base string
	// Services is the copies by name.
	Services map[string][]*Copy
}

// StartLine starts every service and returns when all are ready.
func StartLine(t testing.TB, cfg Config) *Line {
	t.Helper()
	pools := map[string]*pool{"webhook": {}, "ws": {}, "api": {}}
	l := &Line{Base: startFront(t, pools).base, Services: map[string][]*Copy{}}
	for name, pool := range map[string]*pool{Ingest: pools["webhook"], Worker: nil, Gateway: pools["ws"], API: pools["api"]} {
		env := map[string]string{
			"HTTP_ADDR": "127.0.0.1:0", "NATS_URL": cfg.NATSURL, "DATABASE_URL": cfg.DatabaseURL,
			"WS_PING_INTERVAL": "3s", "NATS_SYNC": syncs(),
		}
		maps.Copy(env, cfg.Env)
		maps.Copy(env, cfg.Of[name])
		binary := cmp.Or(cfg.Binaries[name], name)
		copies, given := cfg.Copies[name]
		if !given {
			copies = 2
		}
		for range copies {
			l.Services[name] = append(l.Services[name], newCopy(t, pool, func() *line.Process {
				var options []func(*exec.Cmd)
				if option := cfg.Options[name]; option != nil {
					options = append(options, option)
				}
				return line.Start(t, binary, env, options...)
			}))
		}
	}
	l.AwaitReady()
	return l
}

// syncs is how the services are told that the broker syncs: NATS_SYNC, always by default. A process
// that is killed loses nothing with either.
func syncs() string { return cmp.Or(os.Getenv("NATS_SYNC"), "always") }

// All lists the copies of these services, of every service where none is named.
func (l *Line) All(names ...string) []*Copy {
	if len(names) == 0 {
		names = []string{Ingest, Worker, Gateway, API}
	}
	var all []*Copy
	for _, name := range names {
		all = append(all, l.Services[name]...)
	}
	return all
}

// AwaitReady waits until every copy is ready.
func (l *Line) AwaitReady() {
	for _, c := range l.All() {
		c.AwaitReady()
	}
}

// StartStandalone starts the one-process product behind the same front, so that its
// address stays when it is started again. Its data are in dir.
func StartStandalone(t testing.TB, dir string, env map[string]string) (base string, one *Copy) {
	t.Helper()
	shared := &pool{}
	f := startFront(t, map[string]*pool{"webhook": shared, "ws": shared, "api": shared})
	all := map[string]string{"WS_PING_INTERVAL": "3s", "NATS_SYNC": syncs()}
	maps.Copy(all, env)
	one = newCopy(t, shared, func() *line.Process {
		return line.StartStandalone(t, dir, all)
	})
	one.AwaitReady()
	return f.base, one
}

// Copy is one copy of a service, through all its lives.
type Copy struct {
	t     testing.TB
	pool  *pool
	begin func() *line.Process

	process *line.Process
	watch   sync.WaitGroup
}

func newCopy(t testing.TB, pool *pool, begin func() *line.Process) *Copy {
	t.Helper()
	c := &Copy{t: t, pool: pool, begin: begin}
	t.Cleanup(c.watch.Wait) // runs after the process is stopped
	c.Start()
	return c
}

// Start starts the process, and offers it to the front as soon as it listens and until
// it ends. It does not wait.
func (c *Copy) Start() {
	c.t.Helper()
	p := c.begin()
	c.process = p
	if c.pool == nil {
		return
	}
	c.watch.Go(func() {
		select {
		case <-p.Listening():
		case <-p.Ended():
			return
		}
		host := strings.TrimPrefix(p.Base(), "http://")
		c.pool.add(host)
		<-p.Ended()
		c.pool.remove(host)
	})
}

// Kill is kill -9.
func (c *Copy) Kill() { c.t.Helper(); c.process.Stop(syscall.SIGKILL) }

// Stop is SIGTERM; it waits for the end and gives the exit code.
func (c *Copy) Stop() int { c.t.Helper(); return c.process.Stop(syscall.SIGTERM) }

// AwaitReady waits until it is ready.
func (c *Copy) AwaitReady() { c.t.Helper(); c.process.URL() }

// Process is the present life.
func (c *Copy) Process() *line.Process { return c.process }
