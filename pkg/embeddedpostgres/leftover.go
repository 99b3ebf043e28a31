//go:build unix

package embeddedpostgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/rs/zerolog"
)

const (
	// fastTimeout is what a fast shutdown (SIGINT: sessions ended, checkpoint
	// written) may take before an immediate one (SIGQUIT) is asked for;
	// immediateTimeout what that may take before SIGKILL.
	fastTimeout      = 10 * time.Second
	immediateTimeout = 5 * time.Second

	// nobodysPID is above every kernel's limit: no process ever has it.
	nobodysPID = 1<<31 - 1
)

// stopLeftover stops a server of this place that its program left running, and
// sees to it that a stale postmaster.pid does not keep the next one from
// starting. The caller holds the place's lock, so no one is starting a server.
func (p place) stopLeftover(ctx context.Context, log zerolog.Logger) error {
	path := filepath.Join(p.dataDir(), "postmaster.pid")
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	pid, err := parsePostmasterPID(content)
	if err != nil { // cut off by a power failure; the server would refuse it
		log.Warn().Err(err).Msg("removing a broken postmaster.pid")
		return os.Remove(path)
	}
	dataDir, err := filepath.EvalSymlinks(p.dataDir()) // as the kernel names it
	if err != nil {
		return err
	}
	if isServerOf(pid, dataDir) {
		log.Warn().Int("pid", pid).Msg("stopping a PostgreSQL that an earlier run left behind")
		if err := stopStranger(ctx, pid, dataDir); err != nil {
			return err
		}
	}
	return disown(path)
}

// parsePostmasterPID returns the process id in the first line of a
// postmaster.pid (PostgreSQL's src/include/utils/pidfile.h).
func parsePostmasterPID(content []byte) (int, error) {
	first, _, _ := bytes.Cut(content, []byte("\n"))
	pid, err := strconv.ParseInt(string(bytes.TrimSpace(first)), 10, 32)
	if err != nil {
		return 0, fmt.Errorf("first line of postmaster.pid: %w", err)
	}
	if pid < 0 { // a single-user server
		pid = -pid
	}
	if pid <= 1 || pid > nobodysPID {
		return 0, fmt.Errorf("postmaster.pid names process %d", pid)
	}
	return int(pid), nil
}

// stopStranger stops a server that is no child of ours, with ever harsher
// signals, and fails if it is there after all of them.
func stopStranger(ctx context.Context, pid int, dataDir string) error {
	for _, step := range []struct {
		signal syscall.Signal
		wait   time.Duration
	}{{syscall.SIGINT, fastTimeout}, {syscall.SIGQUIT, immediateTimeout}, {syscall.SIGKILL, immediateTimeout}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stop the PostgreSQL left behind (process %d): %w", pid, err)
		}
		gone, err := awaitGone(ctx, pid, dataDir, step.wait)
		if gone || err != nil {
			return err
		}
	}
	return fmt.Errorf("PostgreSQL left behind (process %d on %s) does not stop: %w", pid, dataDir, ErrInUse)
}

// awaitGone polls, as the kernel tells only parents about the end of a process.
func awaitGone(ctx context.Context, pid int, dataDir string, limit time.Duration) (bool, error) {
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	timeout := time.After(limit)
	for isServerOf(pid, dataDir) {
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("wait for the PostgreSQL left behind (process %d): %w", pid, context.Cause(ctx))
		case <-timeout:
			return false, nil
		case <-ticker.C:
		}
	}
	return true, nil
}

// disown puts a process id that nobody has into a stale postmaster.pid. The
// server would refuse to start while the one in it exists, though that process
// may be anything by now. The rest of the file stays: by the shared memory
// named there the server makes sure that no orphaned backend is still writing.
func disown(path string) error {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, rest, _ := bytes.Cut(content, []byte("\n"))
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0) // keeps the owner
	if err != nil {
		return fmt.Errorf("clear stale %s: %w", path, err)
	}
	_, err = file.WriteString(strconv.Itoa(nobodysPID) + "\n" + string(rest))
	return errors.Join(err, file.Close())
}
