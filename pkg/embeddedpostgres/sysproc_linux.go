package embeddedpostgres

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// dieWithUs has the kernel ask the child for a fast shutdown when we are gone,
// however we went. The kernel means the thread that started the child: the
// caller keeps that thread (runtime.LockOSThread) as long as the child lives.
func dieWithUs(attr *syscall.SysProcAttr) *syscall.SysProcAttr {
	attr.Pdeathsig = syscall.SIGINT
	return attr
}

// isServerOf says whether the process is a PostgreSQL server on dataDir, which
// every process of a server has as its working directory. A zombie is none.
func isServerOf(pid int, dataDir string) bool {
	proc := fmt.Sprintf("/proc/%d", pid)
	program, err := os.Readlink(proc + "/exe")
	if err != nil {
		return false
	}
	// The kernel marks a program whose file was replaced, as npm ci does.
	if filepath.Base(strings.TrimSuffix(program, " (deleted)")) != "postgres" {
		return false
	}
	dir, err := os.Readlink(proc + "/cwd")
	return err == nil && dir == dataDir
}
