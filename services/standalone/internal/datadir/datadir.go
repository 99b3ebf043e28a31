// Package datadir keeps processes apart that use one DATA_DIR, and lets them find the
// one that holds it.
package datadir

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/gofrs/flock"
)

const (
	lockName   = "standalone.lock"
	socketName = "standalone.sock"

	// maxSocketPath is what every system takes as the path of a socket, in bytes
	// (macOS: 104, Linux: 108, a final zero included).
	maxSocketPath = 100
)

// Lock makes the directory where it is missing and keeps a second process off it; the
// kernel releases the lock however this process ends.
func Lock(dir string) (unlock func(), err error) {
	// 0755: started by root, PostgreSQL runs as another user and has to reach its place.
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make DATA_DIR: %w", err)
	}
	lock := flock.New(filepath.Join(dir, lockName))
	locked, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock DATA_DIR %s: %w", dir, err)
	}
	if !locked {
		return nil, fmt.Errorf("DATA_DIR %s is in use by another standalone: stop that one, or set DATA_DIR and PORT to run a second", dir)
	}
	return func() { _ = lock.Close() }, nil // the process ends next, and the lock with it
}

// Listen opens the socket by which the holder of the lock is found. Only our own user
// may connect.
func Listen(dir string) (net.Listener, error) {
	path, done, err := reach(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	// What is left of a process that was killed; whoever holds the lock may.
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("remove an old socket: %w", err)
	}
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("open a socket in %s: %w", dir, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect the socket in %s: %w", dir, err), listener.Close())
	}
	listener.SetUnlinkOnClose(false) // path may not lead there any more: done removes what it made
	return &socket{Listener: listener, path: filepath.Join(dir, socketName)}, nil
}

// socket removes its file when it is closed.
type socket struct {
	net.Listener
	path string
}

// Close implements net.Listener.
func (s *socket) Close() error {
	if err := os.Remove(s.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, s.Listener.Close())
	}
	return s.Listener.Close()
}

// ErrNobody is returned by Dial when no process listens.
var ErrNobody = errors.New("no standalone runs on this DATA_DIR")

// Dial connects to the process that listens, or returns ErrNobody.
func Dial(dir string) (net.Conn, error) {
	path, done, err := reach(dir)
	if err != nil {
		return nil, err
	}
	defer done()
	conn, err := net.Dial("unix", path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return nil, ErrNobody
	}
	if err != nil {
		return nil, fmt.Errorf("connect to the standalone of %s: %w", dir, err)
	}
	return conn, nil
}

// reach is a path to the socket that is short enough, by way of a link where the
// directory lies too deep. done removes the link.
func reach(dir string) (path string, done func(), err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", nil, fmt.Errorf("find DATA_DIR: %w", err)
	}
	path = filepath.Join(dir, socketName)
	if len(path) <= maxSocketPath {
		return path, func() {}, nil
	}
	temp, err := os.MkdirTemp("", "tt-")
	if err != nil {
		return "", nil, fmt.Errorf("make a short path to %s: %w", dir, err)
	}
	done = func() { _ = os.RemoveAll(temp) } // a link alone
	link := filepath.Join(temp, "d")
	if err := os.Symlink(dir, link); err != nil {
		done()
		return "", nil, fmt.Errorf("make a short path to %s: %w", dir, err)
	}
	return filepath.Join(link, socketName), done, nil
}
