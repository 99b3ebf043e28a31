//go:build unix && !linux

package embeddedpostgres

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// dieWithUs does nothing where the kernel has no signal for a parent's death;
// the next Start finds and stops what was left.
func dieWithUs(attr *syscall.SysProcAttr) *syscall.SysProcAttr { return attr }

// isServerOf says whether the process is a PostgreSQL server on dataDir, by the
// command line that Start gives it.
func isServerOf(pid int, dataDir string) bool {
	out, err := exec.Command("/bin/ps", "-ww", "-o", "command=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return false
	}
	program, args, _ := strings.Cut(string(out), " -D ")
	return strings.HasSuffix(program, "/bin/postgres") && strings.HasPrefix(args, dataDir+" ")
}
