//go:build unix

package postgrestest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/rs/zerolog"

	"github.com/tasktracker/tasktracker/pkg/embeddedpostgres"
	"github.com/tasktracker/tasktracker/pkg/testdir"
)

// server is a PostgreSQL of this test program, in a directory that goes with it.
type server struct {
	postgres *embeddedpostgres.Server
	dir      string
}

// startServer starts a server on a copy of the seed.
func startServer(ctx context.Context) (*server, error) {
	base, err := baseDir()
	if err != nil {
		return nil, err
	}
	if err := sweep(ctx, base); err != nil {
		return nil, fmt.Errorf("remove what earlier test programs left: %w", err)
	}
	seed, err := ensureSeed(ctx, base)
	if err != nil {
		return nil, fmt.Errorf("make a database to copy: %w", err)
	}
	dir, err := runDir(base)
	if err != nil {
		return nil, err
	}
	s := &server{dir: dir}
	if err := copyDir(ctx, seed, dir); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	if s.postgres, err = embeddedpostgres.Start(ctx, config(dir)); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// close stops the server at once, as there is nothing to save, and removes its
// files.
func (s *server) close(ctx context.Context) error {
	if s == nil {
		return nil
	}
	return errors.Join(s.postgres.Stop(ctx), os.RemoveAll(s.dir))
}

func config(dir string) embeddedpostgres.Config {
	return embeddedpostgres.Config{
		DataDir: dir,
		Log:     zerolog.Nop(),
		Settings: map[string]string{
			"fsync":              "off", // nothing here outlives the program
			"full_page_writes":   "off",
			"synchronous_commit": "off",
			"shared_buffers":     "64MB",
			"max_wal_size":       "128MB",
			"max_connections":    "300", // parallel tests, each with a pool or two
		},
	}
}

// baseDir is where this user's test programs keep their files: in memory where there is room.
// Else root's is in /tmp, whatever TMPDIR says, as the server's account must be able to reach it.
func baseDir() (string, error) {
	parent, ok := testdir.Memory()
	switch {
	case ok:
	case os.Geteuid() == 0:
		parent = "/tmp"
	default:
		parent = os.TempDir()
	}
	base, err := filepath.EvalSymlinks(parent)
	if err != nil {
		return "", err
	}
	base = filepath.Join(base, fmt.Sprintf("task-tracker-test-%d", os.Geteuid()))
	if err := os.Mkdir(base, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(base)
	if err != nil {
		return "", err
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(owner.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s is not a directory of ours", base)
	}
	return base, os.Chmod(base, 0o755) // whatever the umask
}

// runDir makes this program's directory; its name tells sweep whose it is.
func runDir(base string) (string, error) {
	dir, err := os.MkdirTemp(base, fmt.Sprintf("run-%d-*", os.Getpid()))
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755)
}

// sweep removes the directories, and the servers if any, of programs that have
// ended without doing so themselves.
func sweep(ctx context.Context, base string) error {
	left, err := filepath.Glob(filepath.Join(base, "run-*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), "run-"), "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || syscall.Kill(pid, 0) == nil {
			continue
		}
		switch err := embeddedpostgres.Remove(ctx, dir, zerolog.Nop()); {
		case errors.Is(err, embeddedpostgres.ErrInUse), errors.Is(err, fs.ErrNotExist):
			continue // another program is sweeping it
		case err != nil:
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}

// ensureSeed returns a data directory in which initdb has run, and no server
// does. The first program makes it; the others wait for that.
func ensureSeed(ctx context.Context, base string) (string, error) {
	binaries, err := embeddedpostgres.FindBinaries()
	if err != nil {
		return "", err
	}
	manifest, err := os.ReadFile(filepath.Join(filepath.Dir(binaries), "package.json")) // has the version
	if err != nil {
		return "", err
	}
	seed := filepath.Join(base, fmt.Sprintf("seed-%x", sha256.Sum256(manifest))[:len("seed-")+16])
	lock, err := os.OpenFile(filepath.Join(base, "seed.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	defer lock.Close() // which unlocks
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if _, err := os.Stat(seed); err == nil {
		return seed, nil
	}
	dir, err := runDir(base) // swept, should we be killed in here
	if err != nil {
		return "", err
	}
	postgres, err := embeddedpostgres.Start(ctx, config(dir))
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	if err := postgres.Stop(ctx); err != nil {
		return "", errors.Join(err, os.RemoveAll(dir))
	}
	return seed, os.Rename(dir, seed)
}

// copyDir copies what is in from into to, with owners and modes.
func copyDir(ctx context.Context, from, to string) error {
	if out, err := exec.CommandContext(ctx, "cp", "-Rp", from+"/.", to).CombinedOutput(); err != nil {
		return fmt.Errorf("copy %s: %w: %s", from, err, out)
	}
	return nil
}
