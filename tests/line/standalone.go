package line

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
)

// DataDir is a DATA_DIR whose PostgreSQL, wherever it was placed, is removed in the end.
func DataDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "data")
	RemoveData(t, dir)
	return dir
}

// RemoveData removes what PostgreSQL keeps of a DATA_DIR when the test ends.
func RemoveData(t testing.TB, dir string) {
	t.Cleanup(func() {
		if err := embeddedpostgres.Remove(context.Background(), dir, zerolog.Nop()); err != nil {
			t.Errorf("remove the data: %v", err)
		}
	})
}

// StartStandalone starts it on a free port, with the JSON log that URL reads. env wins
// over what it sets.
func StartStandalone(t testing.TB, dir string, env map[string]string, options ...func(*exec.Cmd)) *Process {
	t.Helper()
	all := map[string]string{"PORT": "0", "DATA_DIR": dir, "DASHBOARD_DIR": filepath.Join(Root(), "dashboard", "dist"), "NATS_SYNC": "interval"}
	for key, value := range env {
		all[key] = value
	}
	options = append([]func(*exec.Cmd){func(cmd *exec.Cmd) { cmd.Dir = Root() }}, options...)
	return Start(t, "standalone", all, options...)
}

// Descendants lists the processes that a process has started, directly or not.
func Descendants(t testing.TB, pid int) []int {
	t.Helper()
	out, err := exec.Command("ps", "-e", "-o", "pid=,ppid=").Output()
	if err != nil {
		t.Skipf("no ps on this machine: %v", err)
	}
	children := map[int][]int{}
	for line := range strings.Lines(string(out)) {
		var child, parent int
		if _, err := fmt.Sscan(line, &child, &parent); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	var found []int
	for queue := children[pid]; len(queue) > 0; queue = queue[1:] {
		found = append(found, queue[0])
		queue = append(queue, children[queue[0]]...)
	}
	return found
}
