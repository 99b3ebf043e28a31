//go:build unix

package embeddedpostgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// account is the user that the server runs as. The zero value is ourselves.
type account struct {
	other    bool
	uid, gid uint32
}

// ownAccount is the account for data that do not exist yet: ourselves, or, as
// PostgreSQL refuses root, the system's "postgres", else "nobody".
func ownAccount() (account, error) {
	if os.Geteuid() != 0 {
		return account{}, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		entry, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(entry.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(entry.Gid, 10, 32)
		if uidErr == nil && gidErr == nil && uid != 0 {
			return account{other: true, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return account{}, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as; start as an ordinary user, or set DATABASE_URL to a server of your own")
}

// accountFor is the account for a place: that of the data in it, where there
// are any and we may choose, else fallback.
func accountFor(dir string, fallback account) account {
	info, err := os.Stat(dir)
	if err != nil || os.Geteuid() != 0 {
		return fallback
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || owner.Uid == 0 {
		return fallback
	}
	return account{other: true, uid: owner.Uid, gid: owner.Gid}
}

// give makes the account the owner of path.
func (a account) give(path string) error {
	if !a.other {
		return nil
	}
	if err := os.Chown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to user %d: %w", path, a.uid, err)
	}
	return nil
}

// command is a program to be run by the account in dir, in a process group of
// its own and without our environment.
func (a account) command(ctx context.Context, dir, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // for what a killed program started
	cmd.Env = []string{"LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = dieWithUs(&syscall.SysProcAttr{Setpgid: true})
	if a.other {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid}
	}
	return cmd
}

// run runs a short program and returns what it printed.
func (a account) run(ctx context.Context, dir, program string, args ...string) (string, error) {
	runtime.LockOSThread() // see dieWithUs
	defer runtime.UnlockOSThread()
	out, err := a.command(ctx, dir, program, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("run %s: %w: %s", program, err, lastBytes(out, 2000))
	}
	return string(out), nil
}

func lastBytes(b []byte, n int) []byte {
	return b[max(0, len(b)-n):]
}
