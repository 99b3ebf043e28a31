package hub_test

import (
	"fmt"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/services/realtime-gateway/internal/frame"
)

// The loads of docs/performance.md: many clients with few events, and the reverse.
var loads = []struct{ clients, rate int }{{1000, 50}, {1000, 100}, {1000, 200}, {10_000, 10}}

// BenchmarkFanOut compares deliveries per second of CPU time with those of the usual
// hub. Both run in this process, one after the other (who is first changes with every
// run), over real sockets; their clients are a process of their own. CPU time is what
// the kernel says that this process has used, in user and in kernel mode, from the first
// event until the last byte has been read:
//
//	go test -run '^$' -bench FanOut -benchtime 2x ./services/realtime-gateway/internal/hub
func BenchmarkFanOut(b *testing.B) {
	for _, load := range loads {
		b.Run(fmt.Sprintf("clients=%d/events=%d_per_s", load.clients, load.rate), func(b *testing.B) {
			var usual, mine measured
			for n := 0; b.Loop(); n++ {
				if n%2 == 0 {
					usual.add(measure(b, newPlain(b), load.clients, load.rate))
				}
				mine.add(measure(b, newOurs(b), load.clients, load.rate))
				if n%2 == 1 {
					usual.add(measure(b, newPlain(b), load.clients, load.rate))
				}
			}
			b.ReportMetric(usual.perCPUSecond(), "usual/cpu-s")
			b.ReportMetric(mine.perCPUSecond(), "ours/cpu-s")
			b.ReportMetric(mine.perCPUSecond()/usual.perCPUSecond(), "ratio")
		})
	}
}

// BenchmarkFanOutGrowth prints what one delivery costs as clients grow, at one rate.
func BenchmarkFanOutGrowth(b *testing.B) {
	const rate = 20
	for _, clients := range []int{10, 100, 1000, 10_000} {
		b.Run(fmt.Sprintf("clients=%d/events=%d_per_s", clients, rate), func(b *testing.B) {
			var mine measured
			for b.Loop() {
				mine.add(measure(b, newOurs(b), clients, rate))
			}
			b.ReportMetric(float64(mine.cpu.Microseconds())/mine.deliveries, "CPU-µs/delivery")
			b.ReportMetric(mine.deliveries/mine.writes, "frames/write")
			b.ReportMetric(float64(mine.cpu.Microseconds())/mine.writes, "CPU-µs/write")
		})
	}
}

// measured is what deliveries have cost. writes is zero where it is not known.
type measured struct {
	deliveries, writes float64
	cpu                time.Duration
}

func (m *measured) add(other measured) {
	m.deliveries += other.deliveries
	m.writes += other.writes
	m.cpu += other.cpu
}

func (m *measured) perCPUSecond() float64 { return m.deliveries / m.cpu.Seconds() }

// benchTime is how long events flow in one measurement.
const benchTime = 4 * time.Second

func measure(b *testing.B, hub fanOut, clients, rate int) measured {
	b.Helper()
	body := []byte(`{"type":"message.new","seq":1,"ts":"2026-05-04T03:02:01Z","data":"` + strings.Repeat("x", 430) + `"}`)
	prefix := []byte{0x81, 126, byte(len(body) >> 8), byte(len(body))}
	wire := append(prefix, body...)
	events := int(benchTime.Seconds() * float64(rate))

	server := httptest.NewServer(hub)
	defer server.Close()
	readers := startReaders(b, server.Listener.Addr(), clients, events*len(wire))
	runtime.GC()
	wrote, before := hub.writes(b), cpuTime(b)
	tick := time.NewTicker(time.Second / time.Duration(rate))
	for n := range events {
		<-tick.C
		hub.publish(frame.Frame{Seq: uint64(n + 1), Wire: wire}, body)
	}
	tick.Stop()
	readers.hear("done")
	m := measured{deliveries: float64(events * clients), writes: hub.writes(b) - wrote, cpu: cpuTime(b) - before}
	readers.end()
	hub.close()
	return m
}

// cpuTime is what this process has used, in user and kernel mode.
func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
