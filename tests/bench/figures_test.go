package bench_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tasktracker/tasktracker/tests/line"
)

// latencies collects durations from many goroutines.
type latencies struct {
	mu  sync.Mutex
	all []time.Duration
}

func (l *latencies) add(d ...time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, d...)
}

func (l *latencies) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.all)
}

// at gives the q-quantile.
func (l *latencies) at(q float64) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) == 0 {
		return 0
	}
	slices.Sort(l.all)
	return l.all[int(q*float64(len(l.all)-1))]
}

func (l *latencies) String() string {
	return fmt.Sprintf("p50 %s p99 %s", short(l.at(0.5)), short(l.at(0.99)))
}

func short(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/1e6) }

// cpu is the processor time that these processes and their descendants have used.
func cpu(b *testing.B, processes ...*line.Process) time.Duration {
	b.Helper()
	var sum time.Duration
	for _, p := range processes {
		sum += cpuOf(b, p.Cmd.Process.Pid)
	}
	return sum
}

// cpuOf is what a process and its descendants have used.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	var ticks int64
	for _, one := range append(line.Descendants(b, pid), pid) {
		ticks += ticksOf(one)
	}
	return time.Duration(ticks) * tick
}

// tick is the unit of /proc/<pid>/stat: USER_HZ is 100 on Linux.
const tick = 10 * time.Millisecond

// ticksOf is utime and stime of a process and of the children that it has waited for;
// 0 for one that has ended.
func ticksOf(pid int) int64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	var sum int64
	for _, field := range fields[11:15] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		sum += n
	}
	return sum
}

// per is a time divided by a count, for print.
func per(d time.Duration, n int) string {
	return fmt.Sprintf("%.1f µs", float64(d.Nanoseconds())/1e3/float64(max(1, n)))
}
