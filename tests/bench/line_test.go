package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/tests/line"
)

// whole is a line that runs, as standalone or as separate processes.
type whole struct {
	webhook, gateway string
	processes        map[string]*line.Process
	postgres         *embeddedpostgres.Server // nil where standalone has it
	metrics          string                   // of the worker
}

func startWhole(b *testing.B, kind, sync string) *whole {
	b.Helper()
	if kind == "standalone" {
		p := line.StartStandalone(b, line.DataDir(b), map[string]string{"NATS_SYNC": sync, "INBOUND_MAX_BYTES": "4294967296"})
		base := p.URL()
		return &whole{webhook: base, gateway: base, metrics: base, processes: map[string]*line.Process{"standalone": p}}
	}
	dir := line.DataDir(b)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	server, err := embeddedpostgres.Start(context.Background(), embeddedpostgres.Config{DataDir: dir, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := server.Stop(context.Background()); err != nil {
			b.Error(err)
		}
	})
	nats := line.StartNATS(b, syncOption(b, sync)...)
	env := map[string]string{
		"HTTP_ADDR": "127.0.0.1:0", "NATS_URL": nats.URL, "DATABASE_URL": server.URL(), "NATS_SYNC": sync, "INBOUND_MAX_BYTES": "4294967296",
	}
	w := &whole{postgres: server, processes: map[string]*line.Process{"nats": nats.Process()}}
	for _, name := range []string{"worker", "ingest", "api", "realtime-gateway"} {
		w.processes[name] = line.Start(b, name, env)
	}
	w.webhook, w.gateway, w.metrics = w.processes["ingest"].URL(), w.processes["realtime-gateway"].URL(), w.processes["worker"].URL()
	w.processes["api"].URL()
	return w
}

// usage is the processor time that each part of a line has used.
type usage map[string]time.Duration

func (w *whole) usage(b *testing.B) usage {
	b.Helper()
	u := usage{}
	for name, p := range w.processes {
		pid := p.Cmd.Process.Pid
		u[name] = time.Duration(ticksOf(pid)) * tick
		if children := cpuOf(b, pid) - u[name]; children > 0 {
			u["PostgreSQL"] = children
		}
	}
	if w.postgres != nil {
		u["PostgreSQL"] = cpuOf(b, postmaster(b, w.postgres))
	}
	return u
}

// since says what was used a message.
func (u usage) since(before usage, messages int64) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(u)) {
		parts = append(parts, name+" "+per(u[name]-before[name], int(messages)))
	}
	return strings.Join(parts, ", ")
}

func (u usage) sum() (total time.Duration) {
	for _, d := range u {
		total += d
	}
	return total
}

// postmaster is the process of a PostgreSQL server, from the first line of its pid file.
func postmaster(b *testing.B, server *embeddedpostgres.Server) int {
	b.Helper()
	content, err := os.ReadFile(filepath.Join(server.Dir(), "data", "postmaster.pid"))
	if err != nil {
		b.Fatal(err)
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		b.Fatal(err)
	}
	return pid
}

// watcher is a WebSocket client that measures how old messages are when they arrive.
type watcher struct {
	created, updated latencies
	seenNew, seen    atomic.Int64
}

// watch opens that many clients; the first measures, all read.
func watch(b *testing.B, base string, clients int) *watcher {
	b.Helper()
	w := &watcher{}
	for i := range clients {
		conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(base, "http", "ws", 1)+"/ws", nil)
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
		b.Cleanup(func() { conn.Close() })
		go func() {
			for {
				_, data, err := conn.ReadMessage()
				if err != nil {
					return
				}
				if i == 0 {
					w.see(data)
				}
			}
		}()
	}
	return w
}

func (w *watcher) see(data []byte) {
	_, rest, ok := bytes.Cut(data, []byte("|"))
	if !ok {
		return
	}
	stamp, _, _ := bytes.Cut(rest, []byte("|"))
	nanos, err := strconv.ParseInt(string(stamp), 10, 64)
	if err != nil {
		return
	}
	age := time.Since(started) - time.Duration(nanos)
	switch {
	case bytes.Contains(data[:64], []byte("message.new")):
		w.created.add(age)
		w.seenNew.Add(1)
	case bytes.Contains(data[:64], []byte("message.updated")):
		w.updated.add(age)
		w.seen.Add(1)
	}
}

// settle waits until all n messages are stored and announced, or no more come.
func (w *watcher) settle(n int64) (missing int64) {
	last, since := int64(-1), time.Now()
	for w.seen.Load() < n {
		if now := w.seen.Load(); now != last {
			last, since = now, time.Now()
		} else if time.Since(since) > 10*time.Second {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return n - w.seen.Load()
}

// BenchmarkLine measures the whole line with ten clients at steady rates.
func BenchmarkLine(b *testing.B) {
	for _, kind := range []string{"standalone", "processes"} {
		for _, sync := range []string{"interval", "always"} {
			for _, rate := range []int{100, 1000} {
				b.Run(fmt.Sprintf("%s/sync=%s/rate=%d", kind, sync, rate), func(b *testing.B) {
					for b.Loop() {
						steady(b, startWhole(b, kind, sync), rate, 15*time.Second)
					}
				})
			}
		}
	}
}

func steady(b *testing.B, w *whole, rate int, d time.Duration) {
	warm := watch(b, w.gateway, 10)
	before := number.Load()
	openLoop(b, w.webhook, rate, 3*time.Second)
	warm.settle(number.Load() - before)

	clients := watch(b, w.gateway, 1)
	before = number.Load()
	used := w.usage(b)
	answered, refused := openLoop(b, w.webhook, rate, d)
	sent := number.Load() - before
	backlog := sent - clients.seen.Load()
	missing := clients.settle(sent)
	now := w.usage(b)
	b.Logf("sent %d, refused %d, backlog at the end %d, missing %d", sent, refused, backlog, missing)
	b.Logf("200             %s", answered)
	b.Logf("message.new     %s", &clients.created)
	b.Logf("message.updated %s", &clients.updated)
	b.Logf("CPU a message   %s: %s", per(now.sum()-used.sum(), int(sent)), now.since(used, sent))
	b.ReportMetric(ms(answered.at(0.99)), "200-p99-ms")
	b.ReportMetric(ms(clients.created.at(0.99)), "new-p99-ms")
	b.ReportMetric(ms(clients.updated.at(0.99)), "updated-p99-ms")
	b.ReportMetric(float64((now.sum()-used.sum()).Microseconds())/float64(sent), "CPU-µs/message")
}

func ms(d time.Duration) float64 { return float64(d) / 1e6 }

// BenchmarkHighestRate finds how many messages a second the whole line keeps up with.
// BENCH_RATES names the rates to try, BENCH_SECONDS how long each (60 s by default).
func BenchmarkHighestRate(b *testing.B) {
	seconds, err := strconv.Atoi(os.Getenv("BENCH_SECONDS"))
	if err != nil {
		seconds = 60
	}
	for _, kind := range []string{"standalone", "processes"} {
		for _, sync := range []string{"interval", "always"} {
			for rate := range strings.SplitSeq(rates(kind, sync), ",") {
				n, err := strconv.Atoi(rate)
				if err != nil {
					b.Fatal(err)
				}
				b.Run(fmt.Sprintf("%s/sync=%s/rate=%d", kind, sync, n), func(b *testing.B) {
					for b.Loop() {
						steady(b, startWhole(b, kind, sync), n, time.Duration(seconds)*time.Second)
					}
				})
			}
		}
	}
}

func rates(kind, sync string) string {
	if set := os.Getenv("BENCH_RATES"); set != "" {
		return set
	}
	if kind == "standalone" && sync == "interval" {
		return "4000"
	}
	return "2500"
}
