package testdir

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

const (
	shared = "/dev/shm"
	room   = 8 << 30    // also what streams reserve on a broker's disk fits in
	tmpfs  = 0x01021994 // statfs(2)
)

func memory() (string, bool) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(shared, &fs); err != nil || int64(fs.Type) != tmpfs || fs.Bavail*uint64(fs.Bsize) < room || available() < room {
		return "", false
	}
	return shared, syscall.Access(shared, 7) == nil
}

// available is how much memory there is for this process and its files in memory, in bytes: a
// tmpfs may be larger than that. What a container may use is not told by meminfo (proc(5)).
func available() int64 {
	info, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0
	}
	var free int64
	for line := range strings.Lines(string(info)) {
		if n, _ := fmt.Sscanf(line, "MemAvailable: %d kB", &free); n == 1 {
			break
		}
	}
	free <<= 10
	limit, limited := number("/sys/fs/cgroup/memory.max")
	used, known := number("/sys/fs/cgroup/memory.current")
	if limited && known {
		free = min(free, limit-used)
	}
	return free
}

// number is what a file of the cgroup says; not ok where there is none, or no limit.
func number(file string) (n int64, ok bool) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err = strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	return n, err == nil
}
