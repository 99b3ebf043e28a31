package bench_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/tasktracker/tasktracker/tests/line"
)

// BenchmarkMemory measures what standalone holds, its PostgreSQL apart: after each of
// several amounts of messages, with 1,000 clients that only listen for changes of settings, and
// how long it then takes to be ready again.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		dir := line.DataDir(b)
		env := map[string]string{"INBOUND_MAX_BYTES": "4294967296"}
		if addr := os.Getenv("PPROF_ADDR"); addr != "" { // to look into while it runs
			env["PPROF_ADDR"] = addr
		}
		p := line.StartStandalone(b, dir, env)
		base := p.URL()
		b.Logf("started                      %s", memoryOf(b, p))
		var stored int64
		for _, amount := range []int64{1_000, 10_000, 100_000} {
			clients := watch(b, base, 1)
			more := amount - stored
			for post := dial(b, base); stored < amount; stored++ {
				if status, err := post.post(number.Add(1)); err != nil || status != 200 {
					b.Fatalf("answer %d %v", status, err)
				}
			}
			if missing := clients.settle(more); missing != 0 {
				b.Errorf("%d of %d were not announced", missing, more)
			}
			b.Logf("after %7d messages        %s", amount, memoryOf(b, p))
		}
		idle(b, base, 1_000)
		held := memoryOf(b, p)
		b.Logf("and with 1,000 idle clients  %s", held)
		b.ReportMetric(held.resident, "MiB")
		b.ReportMetric(held.highest, "highest-MiB")
		if code := p.Stop(syscall.SIGTERM); code != 0 {
			b.Errorf("standalone ended with %d", code)
		}
		begun := time.Now()
		line.StartStandalone(b, dir, env).URL()
		b.ReportMetric(time.Since(begun).Seconds(), "s-to-ready")
	}
}

// idle opens that many clients that are told of nothing that happens here.
func idle(b *testing.B, base string, clients int) {
	b.Helper()
	for range clients {
		conn, resp, err := websocket.DefaultDialer.Dial(strings.Replace(base, "http", "ws", 1)+"/ws?types=settings_updated", nil)
		if err != nil {
			b.Fatal(err)
		}
		resp.Body.Close()
		b.Cleanup(func() { conn.Close() })
		if _, _, err := conn.ReadMessage(); err != nil { // the frame `connection`
			b.Fatal(err)
		}
	}
}

// memory is in MiB, as the kernel counts it.
type memory struct{ resident, highest float64 }

func (m memory) String() string {
	return fmt.Sprintf("%.0f MiB resident, %.0f at most so far", m.resident, m.highest)
}

func memoryOf(b *testing.B, p *line.Process) memory {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Cmd.Process.Pid))
	if err != nil {
		b.Skipf("no /proc on this machine: %v", err)
	}
	value := func(name string) float64 {
		_, rest, _ := strings.Cut(string(status), name+":")
		kilobytes, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if err != nil {
			b.Fatal(err)
		}
		return kilobytes / 1024
	}
	return memory{resident: value("VmRSS"), highest: value("VmHWM")}
}
