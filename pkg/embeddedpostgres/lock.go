//go:build unix

package embeddedpostgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// lock is an exclusive lock on a file. The kernel releases it with the holder's
// last descriptor; children do not inherit that (close-on-exec).
type lock struct {
	file *os.File
}

// acquireLock takes the lock at path or fails with ErrInUse at once, naming the
// holder and what it holds. The file stays behind when the lock is released:
// removing it would let two hold "the" lock.
func acquireLock(path, what string) (*lock, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if errors.Is(err, fs.ErrPermission) {
		return nil, fmt.Errorf("%w: %s is not ours to use (%w); start as root or as the user whose it is, or choose another DATA_DIR", ErrInaccessible, what, err)
	}
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer file.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		return nil, fmt.Errorf("%w: %s is held by process %s (lock file %s)", ErrInUse, what, holder(path), path)
	}
	if err := errors.Join(file.Truncate(0), writeAt(file, fmt.Sprintf("%d\n", os.Getpid()))); err != nil {
		file.Close()
		return nil, fmt.Errorf("write lock %s: %w", path, err)
	}
	return &lock{file: file}, nil
}

func writeAt(file *os.File, s string) error {
	_, err := file.WriteAt([]byte(s), 0)
	return err
}

func holder(path string) string {
	content, err := os.ReadFile(path)
	if pid := strings.TrimSpace(string(content)); err == nil && pid != "" {
		return pid
	}
	return "(unknown)"
}

func (l *lock) release() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
