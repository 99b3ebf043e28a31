//go:build unix

// Package testdir gives tests directories for what nobody needs after them: in memory, where the
// machine has room. Making a database and dropping it takes half a second of a processor on an
// ext4 disk that discards what is freed, and a tenth of that in memory.
package testdir

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// prefix begins the name of every directory of New; the number of its process follows.
const prefix = "task-tracker-test-run-"

// Memory is a directory in memory that every user can write to; ok is false where there is none,
// or none with room for what several test programs keep at a time.
func Memory() (dir string, ok bool) { return memory() }

// New is a directory of this test's alone, removed when it ends. Those of programs that ended in
// another way than by returning are removed by the next.
func New(t testing.TB) string {
	t.Helper()
	parent, ok := Memory()
	if !ok {
		return t.TempDir()
	}
	sweep(parent)
	dir, err := os.MkdirTemp(parent, fmt.Sprintf("%s%d-*", prefix, os.Getpid()))
	if err != nil {
		t.Fatalf("testdir: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("testdir: %v", err)
		}
	})
	return dir
}

var swept sync.Once

func sweep(parent string) {
	swept.Do(func() {
		left, err := filepath.Glob(filepath.Join(parent, prefix+"*"))
		if err != nil {
			return
		}
		for _, dir := range left {
			owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), prefix), "-")
			if pid, err := strconv.Atoi(owner); err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
				_ = os.RemoveAll(dir) // another program may be at it, or its owner be another user
			}
		}
	})
}
